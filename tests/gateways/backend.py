#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
backend.py: issues tokens on one port, and is the API that wants them on the
other.
    backend.py API-PORT ISSUER-PORT KEY

The API answers any request that bears a live token with 200 and what it saw of
it as JSON, a WebSocket handshake with 101 and an echo, and all else with 401.

The issuer:
  GET /token     a new token; 503 after issue=no; 401 without the key
  PUT /control?  revoke=1: all tokens so far are dead; issue=yes or no;
                 size=N: least length of the next ones; delay=MS
  GET /control   what was counted, one "name value" a line
"""
import base64
import hashlib
import json
import secrets
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

api_port, issuer_port, key = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
lock = threading.Lock()
live = set()
settings = {"issue": "yes", "size": "0", "delay": "0"}
count = dict.fromkeys(("requests", "good", "without", "wrong", "repeated",
                       "foreign", "upgrades", "issued"), 0)
last_token = ""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body in one segment

    def log_message(self, *args):
        pass

    def handle_expect_100(self):
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def reply(self, status, content, fields=()):
        body = content.encode()
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def pieces(self):
        """The body, in pieces."""
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            while size := int(self.rfile.readline().split(b";")[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return
        left = int(self.headers.get("Content-Length", 0))
        while left > 0:
            piece = self.rfile.read(min(left, 65536))
            left -= len(piece) or left
            yield piece


class Api(Handler):
    def judge(self):
        """Whether the request bears a live token, and count what it bears."""
        values = self.headers.get_all("Authorization", [])
        text = values[0] if values else ""
        with lock:
            count["requests"] += 1
            if any("own-secret" in v for v in self.headers.values()):
                count["foreign"] += 1
            if len(values) > 1:
                count["repeated"] += 1
            if not text.startswith("Bearer ") or len(text) < 8:
                count["without"] += 1
            elif len(values) == 1 and text[7:] in live:
                count["good"] += 1
                return True
            else:
                count["wrong"] += 1
        return False

    def upgrade(self):
        accept = base64.b64encode(hashlib.sha1((
            self.headers["Sec-WebSocket-Key"] +
            "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest())
        with lock:
            count["upgrades"] += 1
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accept.decode())
        self.end_headers()
        self.wfile.flush()
        self.close_connection = True
        while data := self.connection.recv(4096):
            self.connection.sendall(data)

    def any(self):
        good = self.judge()
        if good and self.headers.get("Upgrade", "").lower() == "websocket":
            self.upgrade()
            return
        length, digest = 0, hashlib.sha256()
        for piece in self.pieces():
            length += len(piece)
            digest.update(piece)
        fields = [("Content-Type", "application/json"),
                  ("X-Method", self.command)]
        if not good:
            fields.append(("WWW-Authenticate", "Bearer"))
        self.reply(200 if good else 401, json.dumps({
            "method": self.command, "path": self.path, "length": length,
            "sha256": digest.hexdigest(),
            "authorization": self.headers.get("Authorization", "")}), fields)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = any


class Issuer(Handler):
    def do_GET(self):
        if self.path.startswith("/control"):
            with lock:
                lines = [f"{k} {v}\n" for k, v in count.items()]
                lines.append(f"last_token {last_token}\n")
            self.reply(200, "".join(lines))
        elif self.headers.get("backend-APIKey") != key:
            self.reply(401, "wrong key")
        elif settings["issue"] != "yes":
            self.reply(503, "none today")
        else:
            self.issue()

    def issue(self):
        global last_token
        time.sleep(int(settings["delay"]) / 1000)
        with lock:
            count["issued"] += 1
            token = f"live-{count['issued']}-{secrets.token_hex(8)}"
            token = last_token = token.ljust(int(settings["size"]), "x")
            live.add(token)
        self.reply(200, json.dumps({"token": token, "expires_in": 600}),
                   [("Content-Type", "application/json")])

    def do_PUT(self):
        query = urllib.parse.urlsplit(self.path).query
        with lock:
            settings.update(urllib.parse.parse_qsl(query))
            if settings.pop("revoke", None):
                live.clear()
        for _ in self.pieces():
            pass
        self.reply(200, "")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # a gateway has closed its connection


issuer = Server(("127.0.0.1", issuer_port), Issuer)
threading.Thread(target=issuer.serve_forever, daemon=True).start()
Server(("127.0.0.1", api_port), Api).serve_forever()
