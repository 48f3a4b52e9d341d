/* SPDX-License-Identifier: MIT */
/* Parses the next head; the same bytes again are not parsed again. */
#include "config.h"

#include "worker/conn_private.h"

#include <string.h>

/* Keep a parsed head for comparison with the next one. */
static void
remember(struct conn_head *last, const char *bytes, unsigned door)
{
	struct http_request *r = &last->request;
	struct slice *s;

	if (r->head.len > sizeof(last->bytes) ||
	    r->authorization.ptr != NULL || /* a secret */
	    r->method == HTTP_DELETE)       /* some field has a token */
		return;
	last->len = r->head.len;
	last->door = door;
	memcpy(last->bytes, bytes, last->len);
	for (s = r->slices; s < r->slices + HTTP_SLICES; s++)
		if (s->ptr != NULL)
			s->ptr = last->bytes + (s->ptr - bytes);
}

int
conn_parse(struct conn *c, const char *bytes, size_t len)
{
	struct conn_head *last = &c->all->last;
	int status;

	if (last->len > 0 && len >= last->len && last->door == c->door &&
	    memcmp(bytes, last->bytes, last->len) == 0)
		return 200;
	last->len = 0;
	status = http_parse(bytes, len, &last->request);
	if (status == 200)
		status = api_find(c->all->api, &last->request, c->door,
		    &last->target);
	if (status == 200)
		remember(last, bytes, c->door);
	return status;
}
