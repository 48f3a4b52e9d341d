#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""extras.py PORT LIFE: a backend whose sessions have parts: a token, a CSRF token
and the node of a cookie.

POST /login answers with all three; POST /lacking without the CSRF token, POST
/bad?TEXT with that text as CSRF token.  GET /calls is the number of log-ins."""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

PORT, LIFE = int(sys.argv[1]), int(sys.argv[2])
calls = 0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = str(calls).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        global calls
        calls += 1
        data = {"ticket": f"PVE:{calls}==", "csrf": f"c\"{calls}:x"}
        path, _, query = self.path.partition("?")
        if path == "/lacking":
            del data["csrf"]
        if path == "/bad":
            data["csrf"] = unquote(query)
        body = json.dumps({"data": data, "expires_in": LIFE}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Set-Cookie", f"ROUTEID=.node{calls}; Path=/; HttpOnly")
        self.send_header("X-Host", f"https://n{calls}.example.com")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


print("ready", flush=True)
ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
