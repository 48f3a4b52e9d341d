#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A backend that wants a bearer token, for the demonstration.

    backend.py PORT-FILE TRACE-FILE API-KEY

GET /token with the header backend-APIKey gives a token that lives for five
minutes; GET /orders wants one that it gave; PUT /revoke makes all of them
worthless.  What comes in and goes out is appended to TRACE-FILE.
"""

import json
import os
import secrets
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT_FILE, TRACE_FILE, API_KEY = sys.argv[1:]
TRACE = os.open(TRACE_FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
issued = []  # all tokens ever
valid = set()


def trace(line):
    os.write(TRACE, (line + "\n").encode())


class Backend(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def heard(self, who, *names):
        """Write down the request, with those of these fields that it has."""
        self.who = who
        fields = [f"{name}: {self.headers[name]}" for name in names
                  if name in self.headers]
        trace(f"{who} > backend: {self.command} {self.path}  "
              + ", ".join(fields))

    def answer(self, status, **members):
        body = json.dumps(members).encode()
        trace(f"backend > {self.who}: {status} {body.decode()}")
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/token":
            self.heard("token service", "backend-APIKey")
            self.give_token()
            return
        self.heard("gateway", "Authorization", "X-User", "X-Api-Key")
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer" or token not in valid:
            self.answer(401, error="this takes a token of mine")
        else:
            self.answer(200, orders=[7, 42],
                        user=self.headers.get("X-User", ""))

    def give_token(self):
        if self.headers.get("backend-APIKey") != API_KEY:
            self.answer(401, error="who are you?")
            return
        issued.append(f"demo{len(issued) + 1}-{secrets.token_hex(24)}")
        valid.add(issued[-1])
        self.answer(200, token=issued[-1], expires_in=300)

    def do_PUT(self):
        valid.clear()
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Backend)
with open(PORT_FILE + ".new", "w", encoding="ascii") as file:
    file.write(str(server.server_port))
os.rename(PORT_FILE + ".new", PORT_FILE)
server.serve_forever()
