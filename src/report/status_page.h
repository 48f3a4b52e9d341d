/* SPDX-License-Identifier: MIT */
/*
 * status_page.h - /status and /status.json: how the service is, for people and
 * for programs.  No token and no secret.
 *
 * Called by worker/api_admin.c and control/serve.c.
 */
#ifndef BEARERD_STATUS_PAGE_H
#define BEARERD_STATUS_PAGE_H

#include "report/page.h"

/* Append a step of the status as JSON, or as text (page_writer.step). */
size_t status_page_json_step(const struct page_source *source, size_t at,
    struct buf *out);
size_t status_page_text_step(const struct page_source *source, size_t at,
    struct buf *out);

#endif
