#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""authorization.py PORT LIFE: an authorization server that takes any client.

POST /PATH answers with an access token PATH-N that lives for LIFE seconds,
POST /error/CODE with that error, whose description holds the client's secret if
the form has one.  Metadata are those of an issuer at the same port, of another
one at /other.  GET /calls?PATH is the number of forms sent there, GET
/last?PATH the last of them, GET /all?PATH all."""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

PORT, LIFE = int(sys.argv[1]), int(sys.argv[2])
ISSUER = f"http://127.0.0.1:{PORT}"
WELL_KNOWN = "/.well-known/openid-configuration"
seen = {}
state = {"metadata": 200}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/calls":
            return self.answer(200, len(seen.get(query, [])))
        if path == "/last":
            return self.answer(200, seen[query][-1])
        if path == "/all":
            return self.answer(200, seen[query])
        if path == "/metadata":
            state["metadata"] = int(query)
            return self.answer(200, None)
        if path in (WELL_KNOWN, "/other" + WELL_KNOWN):
            seen.setdefault("/metadata", []).append({})
            return self.answer(
                state["metadata"],
                {"issuer": ISSUER, "token_endpoint": ISSUER + "/found"},
            )
        return self.answer(404, {"error": "not_found"})

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        form = dict(parse_qsl(self.rfile.read(length).decode(), True))
        form["authorization"] = self.headers.get("Authorization", "")
        calls = seen.setdefault(self.path, [])
        calls.append(form)
        if self.path.startswith("/error/"):
            words = "no \x1b[31mway, " + form.get("client_secret", "client")
            code = self.path.rpartition("/")[2]
            return self.answer(
                400, {"error": code, "error_description": words}
            )
        token = f"{self.path[1:]}-{len(calls)}"
        return self.answer(
            201 if self.path == "/plain" else 200,
            {"access_token": token, "token": "none", "token_type": "bearer",
             "expires_in": LIFE, "instance_url": "https://i.example.com",
             "scope": "a" if token[:7] == "granted" else form.get("scope", "")},
        )

    def log_message(self, *_):
        pass


print("ready", flush=True)
ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
