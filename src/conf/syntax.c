/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "conf/syntax.h"

#include "base/secret_file.h"
#include "conf/conf.h"
#include "net/address.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define HOST_MAX 255
#define PATH_MAX_UNIX (sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1)

/* backend.c and reply.c compose URLs and fields of limited length. */
#define URL_MAX 2048
#define URL_PATH_MAX 1024
#define FIELD_NAME_MAX 128
#define HEADER_MAX 512
#define NAME_MAX_BYTES 255
#define KEY_MAX 512

bool
conf_has_control(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	return false;
}

/* Whether there is anything but printable ASCII, space counted as not. */
static bool
has_unprintable(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text <= ' ' || *text > '~')
			return true;
	return false;
}

/* Copy a piece of text; false if it is too long for one of a host. */
static bool
take(const char *from, size_t len, char out[HOST_MAX + 1])
{
	if (len > HOST_MAX)
		return false;
	memcpy(out, from, len);
	out[len] = '\0';
	return true;
}

/* An IPv6 address, with its zone perhaps. */
static bool
is_v6(const char *text, size_t len)
{
	char host[HOST_MAX + 1];
	struct in6_addr in6;

	if (!take(text, len, host))
		return false;
	host[strcspn(host, "%")] = '\0';
	return inet_pton(AF_INET6, host, &in6) == 1;
}

/* A host name or an IPv4 address. */
static bool
is_name_or_v4(const char *text, size_t len)
{
	char host[HOST_MAX + 1];
	struct in_addr in;

	if (len == 0 || !take(text, len, host) ||
	    strspn(host, LETTERS DIGITS ".-_") != len)
		return false;
	return strspn(host, DIGITS ".") != len ||
	    inet_pton(AF_INET, host, &in) == 1;
}

const char *
conf_problem_address(const char *text)
{
	struct address a;

	if (strncmp(text, "unix:", 5) == 0) {
		if (text[5] == '\0' || conf_has_control(text))
			return "must have a path after unix:";
		return strlen(text + 5) <= PATH_MAX_UNIX
		    ? NULL
		    : "must have a path of at most 107 bytes";
	}
	if (strstr(text, "://") != NULL)
		return "must be HOST:PORT, [V6]:PORT or unix:PATH, without a scheme such as http://";
	if (address_read(text, strlen(text), &a) == -1 || a.port == -1)
		return "must be HOST:PORT, [V6]:PORT or unix:PATH, with a port from 0 to 65535";
	if (text[0] == '[')
		return a.brackets && is_v6(a.host, a.host_len)
		    ? NULL
		    : "must have an IPv6 address between [ and ]";
	if (memchr(a.host, ':', a.host_len) != NULL)
		return "must have its IPv6 address between [ and ]";
	if (a.host_len == 0 || (a.host_len == 1 && text[0] == '*') ||
	    is_name_or_v4(a.host, a.host_len))
		return NULL;
	return "must begin with a host name, an IP address or *";
}

bool
conf_address_is_local(const char *address)
{
	char host[ADDRESS_HOST_MAX];
	struct in6_addr in6;
	struct in_addr in;
	struct address a;

	if (strncmp(address, "unix:", 5) == 0)
		return true;
	if (address_read(address, strlen(address), &a) == -1 ||
	    address_host(&a, host) == -1)
		return false;
	if (a.brackets) {
		host[strcspn(host, "%")] = '\0';
		return inet_pton(AF_INET6, host, &in6) == 1 &&
		    (IN6_IS_ADDR_LOOPBACK(&in6) ||
			(IN6_IS_ADDR_V4MAPPED(&in6) && in6.s6_addr[12] == 127));
	}
	if (inet_pton(AF_INET, host, &in) == 1)
		return ntohl(in.s_addr) >> 24 == 127;
	return strcasecmp(host, "localhost") == 0;
}

const char *
conf_problem_host(const char *text)
{
	size_t len = strlen(text);

	if (text[0] == '/') {
		if (conf_has_control(text))
			return "must not have control characters";
		return len <= PATH_MAX_UNIX
		    ? NULL
		    : "must be a socket's path of at most 107 bytes";
	}
	if (is_name_or_v4(text, len) || is_v6(text, len))
		return NULL;
	return "must be a host name, an IP address without brackets and port, or the /path of a socket";
}

/* The part between "://" and the next slash. */
static const char *
authority_problem(const char *text, size_t len)
{
	struct address a;

	if (address_read(text, len, &a) == -1 || a.port == 0)
		return "must have a port from 1 to 65535 after the host";
	if (len > 0 && text[0] == '[')
		return a.brackets && is_v6(a.host, a.host_len)
		    ? NULL
		    : "must have an IPv6 address between [ and ]";
	return is_name_or_v4(a.host, a.host_len)
	    ? NULL
	    : "must have a host name or an IP address after the scheme";
}

const char *
conf_problem_server(const char *text)
{
	size_t len = strlen(text);
	struct address a;

	if (address_read(text, len, &a) == 0 && a.port != -1 &&
	    authority_problem(text, len) == NULL)
		return NULL;
	return "must be HOST:PORT or [V6]:PORT, with a port from 1 to 65535";
}

const char *
conf_problem_url(const char *text)
{
	size_t scheme = strncasecmp(text, "http://", 7) == 0 ? 7
	    : strncasecmp(text, "https://", 8) == 0          ? 8
							     : 0;

	if (strchr(text, '@') != NULL)
		return "must not contain user:password@ nor any other @";
	if (strpbrk(text, "?#") != NULL)
		return "must not contain a query (?) or fragment (#)";
	if (scheme == 0)
		return "must begin with http:// or https://";
	if (has_unprintable(text) || strpbrk(text, "\\\"<>") != NULL)
		return "must not contain spaces or other characters that are not allowed in a URL";
	if (strlen(text) > URL_MAX)
		return "must not be longer than 2048 bytes";
	text += scheme;
	return authority_problem(text, strcspn(text, "/"));
}

const char *
conf_problem_url_path(const char *text)
{
	if (text[0] != '/')
		return "must begin with /";
	if (has_unprintable(text) || strpbrk(text, "\\\"<>#") != NULL)
		return "must not contain spaces, # or other characters that are not allowed in a URL";
	return strlen(text) <= URL_PATH_MAX
	    ? NULL
	    : "must not be longer than 1024 bytes";
}

/* Bytes of a token of RFC 9110, 5.6.2, at the beginning of text. */
static size_t
token_len(const char *text)
{
	return strspn(text, LETTERS DIGITS "!#$%&'*+-.^_`|~");
}

/* Fields that say where a message ends or are bearerd's own to write. */
static bool
is_reserved_field(const char *name, size_t len)
{
	static const char *const reserved[] = {"Cache-Control", "Connection",
	    "Content-Length", "Date", "Expect", "Host", "Keep-Alive", "TE",
	    "Trailer", "Transfer-Encoding", "Upgrade"};
	size_t i;

	for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strlen(reserved[i]) == len &&
		    strncasecmp(reserved[i], name, len) == 0)
			return true;
	return false;
}

const char *
conf_problem_field_name(const char *text)
{
	size_t len = token_len(text);

	if (len == 0 || text[len] != '\0')
		return "must be the name of a header field: letters, digits and -, without a colon";
	if (is_reserved_field(text, len))
		return "must not be a field that HTTP itself needs";
	return len <= FIELD_NAME_MAX ? NULL
				     : "must not be longer than 128 bytes";
}

const char *
conf_problem_header(const char *text)
{
	size_t len = token_len(text);
	const char *mark = strchr(text, '%');

	if (len == 0 || strncmp(text + len, ": ", 2) != 0)
		return "must be \"Name: format\", such as \"Authorization: Bearer %s\"";
	if (is_reserved_field(text, len))
		return "must not be a field that HTTP itself needs";
	if (mark != NULL &&
	    (mark < text + len || mark[1] != 's' ||
		strchr(mark + 1, '%') != NULL))
		return "must have no % but one %s, for the token";
	for (mark = text; *mark != '\0'; mark++)
		if (*mark < ' ' || *mark > '~')
			return "must have printable ASCII characters only";
	return strlen(text) <= HEADER_MAX ? NULL
					  : "must not be longer than 512 bytes";
}

/* Of a file's content; it may have several lines. */
const char *
conf_problem_template(const char *text)
{
	const char *mark = strchr(text, '%');

	if (mark == NULL || mark[1] != 's' || strchr(mark + 1, '%') != NULL)
		return "must have exactly one %s, for the token, and no other %";
	return strlen(text) <= CONF_TEMPLATE_MAX
	    ? NULL
	    : "must not be longer than 4096 bytes";
}

/* A member's name, or a JSON Pointer (RFC 6901, 3). */
const char *
conf_problem_member(const char *text)
{
	if (conf_has_control(text))
		return "must not have control characters";
	if (text[0] != '/')
		return NULL;
	while ((text = strchr(text, '~')) != NULL)
		if (*++text != '0' && *text != '1')
			return "must be a JSON Pointer, which has ~0 for ~ and ~1 for /";
	return NULL;
}

const char *
conf_problem_key(const char *text)
{
	if (conf_has_control(text) || strchr(text, ' ') != NULL)
		return "must not have spaces or control characters";
	return strlen(text) <= KEY_MAX ? NULL
				       : "must not be longer than 512 bytes";
}

const char *
conf_problem_name(const char *text)
{
	if (conf_has_control(text) || strchr(text, ' ') != NULL)
		return "must not have spaces or control characters";
	return strlen(text) <= NAME_MAX_BYTES
	    ? NULL
	    : "must not be longer than 255 bytes";
}

const char *
conf_problem_file_name(const char *text)
{
	return conf_has_control(text) ? "must not have control characters"
				      : NULL;
}

const char *
conf_problem_shm_name(const char *text)
{
	if (text[0] != '/' || text[1] == '\0' ||
	    strchr(text + 1, '/') != NULL || conf_has_control(text))
		return "must be a slash and a name without slashes";
	return strlen(text + 1) < NAME_MAX_BYTES
	    ? NULL
	    : "must not be longer than 255 bytes";
}

const char *
conf_problem_secret(const char *text)
{
	if (conf_has_control(text))
		return "must not have control characters, such as a line end";
	return strlen(text) <= CONF_SECRET_MAX
	    ? secret_file_problem(text, strlen(text))
	    : "must not be longer than 4096 bytes";
}

const char *
conf_problem_token_name(const char *text)
{
	size_t len = strspn(text, LETTERS DIGITS "._-");

	return len > 0 && len <= CONF_NAME_MAX && text[len] == '\0'
	    ? NULL
	    : "must be 1 to 64 letters, digits, points, underscores or hyphens";
}
