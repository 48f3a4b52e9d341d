#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Send paths that nobody should send, and see that each is answered.

    odd_paths.py PORT

Paths are put together of pieces, and sent by several methods in several forms,
many on one connection.  Every request must get one whole answer.  Prints how
many there were, and what was wrong.
"""

import itertools
import socket
import sys

PIECES = ["", "/", "//", "///", "auth", "token", "tokens", "tokens/token",
          "tokens/nobody", "docs", "docs/page.css", "healthz", "metrics",
          "status", "openapi.json", ".", "..", "%2f", "%00", "%", "*", ";", "?",
          "?a=b", ":", "@", "\\", "a" * 63, "a" * 64, "a" * 65, "a" * 300]
METHODS = ["GET", "HEAD", "DELETE", "OPTIONS", "POST", "BREW"]
FIELDS = ["", "If-Match:\r\n", "If-Match: *\r\n", "If-None-Match:\r\n",
          'If-None-Match: "\r\n', "Authorization:\r\n",
          "Authorization: Bearer\r\n", "Authorization: Bearer \r\n",
          "Cache-Control:\r\n", "Cache-Control: min-fresh=\r\n",
          "Cache-Control: ,\r\n", "Accept-Encoding:\r\n",
          "Accept-Encoding: ;q=0\r\n", "Connection:\r\n", "Connection: ,\r\n"]


def targets():
    seen = {"*", "/"}
    for n in (1, 2, 3):
        for pieces in itertools.product(PIECES[:14] if n == 3 else PIECES,
                                        repeat=n):
            seen.add("/" + "".join(pieces))
            if n < 3:
                seen.add("/" + "/".join(pieces))
    return sorted(seen)


def requests():
    """(method, bytes)"""
    count = 0
    for target in targets():
        for form in [target, "http://localhost" + target]:
            if form == "http://localhost*":
                continue
            count += 1
            method = METHODS[count % len(METHODS)]
            if target == "*":
                method = "OPTIONS"
            fields = FIELDS[count % len(FIELDS)]
            yield method, (f"{method} {form} HTTP/1.1\r\nHost: localhost\r\n"
                           f"{fields}\r\n").encode("ascii")


class Reader:
    def __init__(self, connection):
        self.connection = connection
        self.buffer = b""

    def fill(self):
        more = self.connection.recv(65536)
        if not more:
            raise EOFError("the connection ended")
        self.buffer += more

    def answer(self, method):
        while b"\r\n\r\n" not in self.buffer:
            self.fill()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.split(b"\r\n")
        status = int(lines[0].split()[1])
        length = sum(int(line.split(b":")[1]) for line in lines
                     if line.lower().startswith(b"content-length:"))
        if method == "HEAD" or status in (204, 304):
            length = 0
        while len(self.buffer) < length:
            self.fill()
        self.buffer = self.buffer[length:]
        return status


def main():
    batch, sent, statuses = [], 0, set()
    todo = list(requests())
    for start in range(0, len(todo), 50):
        batch = todo[start:start + 50]
        with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as c:
            c.settimeout(20)
            c.sendall(b"".join(request for _, request in batch))
            reader = Reader(c)
            for method, request in batch:
                try:
                    statuses.add(reader.answer(method))
                except (OSError, EOFError) as e:
                    print(f"no answer to {request!r}: {e}")
                    return
                sent += 1
    print(f"{sent} answered: {' '.join(map(str, sorted(statuses)))}")


main()
