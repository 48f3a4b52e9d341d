/* SPDX-License-Identifier: MIT */
/*
 * control/private.h - the inside of control.h, downwards: control.c has the
 * socket and who may use it, serve.c the commands, conn.c one connection.
 */
#ifndef BEARERD_CONTROL_PRIVATE_H
#define BEARERD_CONTROL_PRIVATE_H

#include "control/control.h"

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

/* Understand a line, without its end.  0, or -1 with *err saying what
 * would be right; err never repeats what is not a plain word. */
int control_parse(const char *line, size_t len, struct control_command *out,
    struct err *err);

enum control_state {
	CONTROL_FREE,    /* no connection is here */
	CONTROL_READING, /* its line */
	CONTROL_WAITING, /* for the refresher, or for a reload */
	CONTROL_WRITING, /* its answer */
};

struct control_conn {
	enum control_state state;
	int fd;
	int64_t end_at; /* awake clock */
	char line[CONTROL_LINE_MAX];
	size_t len; /* of what has come of the line */
	struct control_command command;
	size_t first, count; /* of the tokens that are waited for */
	uint64_t *attempts;  /* of each at the beginning; on the heap */
	char *out;           /* answer, on the heap; how much of it is sent */
	size_t out_len, out_sent;
};

/* ---- conn.c ---- */

/* Whether control_accept() would find room. */
bool control_has_room(const struct control_conn *all);

/* Take a connection over.  Of those that have not said what they want the
 * oldest makes room; if there is none, the new one is closed. */
void control_accept(struct control_conn *all, int fd, int64_t now);

/* Close, and free what it has.  Harmless when it is closed already. */
void control_end(struct control_conn *c);

/* Read.  The length of the line, or -1: it is not there yet, and the
 * connection may have ended or be answered instead. */
int control_receive(struct control_conn *c);

/* Tell the peer that it has to wait for the answer. */
void control_wait(struct control_conn *c);

/* Set the answer, "ok" or "no", and its text, which is copied. */
void control_answer(struct control_conn *c, bool ok, const char *text,
    size_t len);

/* The same with one line, which gets its end here. */
void control_say(struct control_conn *c, bool ok, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Send of the answer what the socket takes; the connection ends after it. */
void control_send(struct control_conn *c);

/* Each state has a deadline, from its beginning on: set it if the state is not
 * the one from before, and end what is overdue. */
void control_check_deadline(struct control_conn *c, enum control_state before,
    int64_t now);

/* ---- serve.c ---- */

/* Carry out the command of a line of this length; the connection then has an
 * answer, or waits.  `refresher` is the end of the channel that leads to it. */
void control_serve(struct control_conn *c, size_t len,
    const struct control_args *args, int refresher);

/* Answer a connection that waits, if what it waits for has come. */
void control_serve_wait(struct control_conn *c,
    const struct control_args *args);

#endif
