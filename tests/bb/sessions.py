#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""sessions.py PORT LIFE MOST: a backend that allows MOST sessions for each user.

POST /login/USER gives a session of LIFE seconds in X-Session, or 429 if MOST are
there; DELETE /session/ID ends it if X-Session has it, too.  GET /counts tells how
many were begun, ended and refused, and how many ends were of no session."""
import json
import secrets
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock

PORT, LIFE, MOST = (int(word) for word in sys.argv[1:4])
lock = Lock()
sessions = {}
counts = {"begun": 0, "ended": 0, "refused": 0, "wrong": 0}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body=b"", **fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        with lock:
            self.answer(200, json.dumps(counts).encode())

    def do_POST(self):
        user = self.path.rpartition("/")[2]
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with lock:
            now = time.monotonic()
            for key in [k for k, v in sessions.items() if v[1] <= now]:
                del sessions[key]
            if sum(v[0] == user for v in sessions.values()) >= MOST:
                counts["refused"] += 1
                return self.answer(429)
            key = secrets.token_hex(8) + "+/="
            sessions[key] = user, now + LIFE
            counts["begun"] += 1
        return self.answer(201, X_Session=key, X_Life=str(LIFE))

    def do_DELETE(self):
        key = self.headers.get("X-Session", "")
        with lock:
            there = sessions.pop(key, None) is not None
            quoted = key.replace("+", "%2B").replace("/", "%2F")
            right = there and self.path == "/session/" + quoted.replace("=", "%3D")
            counts["ended" if right else "wrong"] += 1
        return self.answer(204 if right else 404)

    def log_message(self, *_):
        pass


print("ready", flush=True)
ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
