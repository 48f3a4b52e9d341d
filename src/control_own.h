/* SPDX-License-Identifier: MIT */
/*
 * control_own.h - the inside of control.h: control.c has the socket and who
 * may use it, control_conn.c the connections, control_serve.c the answers,
 * control_line.c the language.
 */
#ifndef BEARERD_CONTROL_OWN_H
#define BEARERD_CONTROL_OWN_H

#include "control.h"

enum control_kind {
	CONTROL_STATUS,
	CONTROL_STATUS_JSON,
	CONTROL_CHECK,
	CONTROL_RENEW,
	CONTROL_RELOAD,
};

struct control_command {
	enum control_kind kind;
	char name[CONF_NAME_MAX + 1]; /* of a token; "": all */
};

/* What a line, without its end, asks for.  0, or -1 with *err saying what
 * would be right; err never repeats what is not a plain word. */
int control_parse(const char *line, size_t len, struct control_command *out,
    struct err *err);

enum control_state {
	CONTROL_FREE,
	CONTROL_READING,
	CONTROL_WAITING, /* for the refresher, or for a reload */
	CONTROL_WRITING,
};

struct control_conn {
	enum control_state state;
	int fd;
	int64_t end_at;       /* awake clock */
	char line[CONTROL_LINE_MAX];
	size_t len;
	struct control_command command;
	size_t first, count;  /* of the tokens that are waited for */
	uint64_t *attempts;   /* that each of these had seen */
	char *out;            /* answer, and how much of it is sent */
	size_t out_len, out_sent;
};

/* Whether the peer of a connection may be here. */
bool control_permits(int fd);

/* Take a connection over; it is closed when there is no room. */
void control_accept(struct control_conn *all, int fd, int64_t now);

/* Whether one more could be accepted. */
bool control_has_room(const struct control_conn *all);

void control_end(struct control_conn *c);

/* Read, wait or write, as far as it goes. */
void control_go_on(struct control_conn *c, const struct control_of *of,
    int64_t now);

/* Set the answer: whether it is good news, and a text. */
void control_answer(struct control_conn *c, bool ok, const char *text,
    size_t len);

/* The same with a line that is made here. */
void control_say(struct control_conn *c, bool ok, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Carry a command out; the connection then has an answer, or waits. */
void control_serve(struct control_conn *c, const struct control_of *of);

/* Answer a wait if it is over. */
void control_serve_wait(struct control_conn *c, const struct control_of *of);

#endif
