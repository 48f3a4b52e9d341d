#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
hostile_redis.py PORT FILE: a Redis, or a Sentinel, that says what it likes.
FILE has one line, "WHERE HOW TEXT", which is read anew for each answer; TEXT is
as in a Python string, with PORT for our own port.  WHERE: `ping`, `script`,
`subscribe`, `sentinel` - instead of the right answer to that command - or
`push`, to whoever has subscribed, again and again.  HOW: `keep` the connection,
`close` it after, or `flood`, say it without end.
"""
import re
import socket
import sys
import threading
import time

port, path = int(sys.argv[1]), sys.argv[2]
GOOD = {"ping": b"+PONG\r\n", "script": b"-ERR none of ours\r\n",
        "subscribe": b"*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n",
        "sentinel": b"*2\r\n$9\r\n127.0.0.1\r\n$%d\r\n%d\r\n"
                    % (len(str(port)), port)}


def order():
    try:
        where, how, text = open(path).read().rstrip("\n").split(" ", 2)
    except (OSError, ValueError):
        return "", "", b""
    text = text.replace("PORT", str(port)).encode("latin-1", "replace")
    text = text.decode("unicode_escape").encode("latin-1")
    return where, how, re.sub(rb"<(.)\*(\d+)>", lambda m: m[1] * int(m[2]), text)


def commands(conn):
    """The commands that come, as lists of words."""
    stream = conn.makefile("rb")
    while True:
        head = stream.readline()
        if not head.startswith(b"*"):
            return
        words = []
        for _ in range(int(head[1:])):
            size = int(stream.readline()[1:])
            words.append(stream.read(size + 2)[:-2])
        yield words


def push(conn):
    try:
        while True:
            where, how, text = order()
            if where == "push":
                conn.sendall(text * (1000 if how == "flood" else 1))
                if how == "close":
                    conn.shutdown(socket.SHUT_RDWR)
                    return
            time.sleep(0.02)
    except OSError:
        pass


def answer(conn, kind):
    where, how, text = order()
    if where != kind:
        conn.sendall(GOOD[kind])
        return True
    conn.sendall(text)
    while how == "flood":
        conn.sendall(text * 1000)
    return how == "keep"


def kind_of(words):
    name = words[0].upper()
    if name.startswith(b"EVAL"):
        return "script"
    return {b"SUBSCRIBE": "subscribe", b"SENTINEL": "sentinel"}.get(name, "ping")


def serve(conn):
    try:
        for words in commands(conn):
            kind = kind_of(words)
            if not answer(conn, kind):
                break
            if kind == "subscribe":
                threading.Thread(target=push, args=(conn,), daemon=True).start()
    except OSError:
        pass
    finally:
        conn.close()


listener = socket.create_server(("127.0.0.1", port), backlog=64)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],),
                     daemon=True).start()
