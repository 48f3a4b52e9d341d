#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Send what gateways send, byte by byte, and judge the answers.

    gateways.py list                     the names in gateway_requests.txt
    gateways.py NAME PORT [TOKEN]        say what is wrong; nothing: all well

With TOKEN every answer must hand it out; without, none may be had.  After the
last request the connection must be as the table says: closed, and deaf to what
still comes; or open and fit for another request, which gets its own answer.
"""

import json
import os
import re
import socket
import sys

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                     "gateway_requests.txt")
SLOW = int(os.environ.get("BB_SLOW", "1"))
TIMEOUT = 10 * SLOW
PROBE = ("auth", b"GET /auth HTTP/1.1\r\nHost: localhost\r\n\r\n")

# The fields that an answer has, by path and status; no others, none twice.
FIELDS = {
    ("auth", 200): ["authorization", "cache-control", "content-length",
                    "date", "etag"],
    ("auth", 503): ["cache-control", "content-length", "date", "retry-after"],
    ("token", 200): ["cache-control", "content-length", "content-type", "date",
                     "etag", "x-content-type-options"],
    ("token", 503): ["cache-control", "content-length", "content-type", "date",
                     "retry-after", "x-content-type-options"],
}


def read_table():
    """Name -> (path, after, [request bytes])."""
    with open(TABLE, encoding="ascii") as table:
        text = "".join(line for line in table if not line.startswith("#"))
    blocks = {}
    for block in text.split("@ ")[1:]:
        title, requests = block.split("\n", 1)
        name, path, after = title.split()
        blocks[name] = (path, after, [as_bytes(request.strip("\n").split("\n"))
                                      for request in requests.split("\n--\n")])
    return blocks


def as_bytes(lines):
    if "" not in lines:
        lines = lines + [""]  # the end of the head
    text = "".join(line[:-1] if line.endswith("\\") else line + "\r\n"
                   for line in lines)
    return re.sub(r"\{(\d+) bytes\}", lambda m: "x" * int(m[1]),
                  text).encode("ascii")


class Connection:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT)
        self.input = b""
        self.was_reset = False

    def send(self, data):
        """Perhaps to nobody: whether there was an answer is seen later."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def more(self):
        try:
            data = self.socket.recv(65536)
        except (ConnectionResetError, BrokenPipeError):
            self.was_reset = True
            data = b""
        self.input += data
        return bool(data)

    def answer(self, head_only):
        """Status, [(name, value)], body; what follows stays in input."""
        while b"\r\n\r\n" not in self.input:
            if not self.more():
                raise EOFError("closed without a whole answer")
        head, self.input = self.input.split(b"\r\n\r\n", 1)
        first, *rest = head.decode("ascii").split("\r\n")
        fields = [tuple(line.split(": ", 1)) for line in rest]
        fields = [(name.lower(), value) for name, value in fields]
        length = 0 if head_only else int(dict(fields)["content-length"])
        while len(self.input) < length:
            if not self.more():
                raise EOFError("closed within the body")
        body, self.input = self.input[:length], self.input[length:]
        return first, fields, body


def judge(path, first, fields, body, head_only, closes, token):
    """What is wrong with an answer, one a line."""
    status = 200 if token else 503
    reason = {200: "OK", 503: "Service Unavailable"}[status]
    if first != f"HTTP/1.1 {status} {reason}":
        yield f"first line: {first}"
        return
    wanted = sorted(FIELDS[path, status] + (["connection"] if closes else []))
    if sorted(name for name, _ in fields) != wanted:
        yield "fields: " + ", ".join(sorted(name for name, _ in fields))
        return
    fields = dict(fields)
    if closes and fields["connection"] != "close":
        yield "Connection: " + fields["connection"]
    if fields["cache-control"] != "no-store":
        yield "Cache-Control: " + fields["cache-control"]
    if status == 503 and not fields["retry-after"].isdigit():
        yield "Retry-After: " + fields["retry-after"]
    if path == "auth":
        if fields["content-length"] != "0":
            yield "Content-Length: " + fields["content-length"]
        if token and fields["authorization"] != "Bearer " + token:
            yield "Authorization: " + fields["authorization"]
        return
    kind = "json" if token else "problem+json"
    if fields["content-type"] != "application/" + kind:
        yield "Content-Type: " + fields["content-type"]
    if not head_only and token and json.loads(body)["token"] != token:
        yield "body: " + body.decode()
    if not head_only and not token and json.loads(body)["status"] != 503:
        yield "body: " + body.decode()


def exchange(connection, path, request, closes, token):
    connection.send(request)
    head_only = request.startswith(b"HEAD ")
    answer = connection.answer(head_only)
    yield from judge(path, *answer, head_only, closes, token)


def play(path, after, requests, port, token):
    connection = Connection(port)
    for number, request in enumerate(requests, 1):
        closes = after == "close" and number == len(requests)
        for problem in exchange(connection, path, request, closes, token):
            yield f"request {number}: {problem}"
    if after == "close":
        while connection.more():
            pass
        if connection.was_reset and SLOW == 1:
            yield "closed so that the answer may have been lost on its way"
        connection.send(PROBE[1])
        connection.more()
        if connection.input:
            yield f"after the answer: {connection.input[:80]!r}"
        connection = Connection(port)
    for problem in exchange(connection, *PROBE, False, token):
        yield f"the next request: {problem}"
    if connection.input:
        yield f"after all answers: {connection.input[:80]!r}"


def main():
    table = read_table()
    if sys.argv[1] == "list":
        print("\n".join(table))
        return
    name, port = sys.argv[1], int(sys.argv[2])
    token = sys.argv[3] if len(sys.argv) > 3 else None
    try:
        for problem in play(*table[name], port, token):
            print(problem)
    except (OSError, EOFError, ValueError, KeyError) as error:
        print(f"{type(error).__name__}: {error}")


main()
