#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""rotating.py PORT LIFE: an authorization server whose refresh tokens rotate.

A refresh token that is used a second time ends its family; with /mode?grace=1
the last one that was used is taken once more, and gives the next one.  POST
/token refreshes; GET /seed begins a family; GET /mode?NAME=VALUE sets: delay
(seconds from the rotation to the answer), before (seconds from the request to
the rotation), status (answered instead, without a rotation), keep (1: no new
refresh token).  GET /state tells calls, rotations, reuses, and how many families
are alive."""
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from urllib.parse import parse_qsl

PORT, LIFE = int(sys.argv[1]), int(sys.argv[2])
lock = Lock()
families = {}  # number: {"alive", "at": number of the valid token, "graced"}
state = {"calls": 0, "rotations": 0, "reuses": 0, "graces": 0}
mode = {"delay": "0", "before": "0", "status": "0", "keep": "0", "grace": "0"}


def refresh(token):
    """The answer to a refresh token: a status and a value."""
    try:
        number, at = (int(word) for word in token.split("~")[1:])
        family = families[number]
    except (KeyError, ValueError):
        return 400, {"error": "invalid_grant"}
    if not family["alive"]:
        return 400, {"error": "invalid_grant", "error_description": "revoked"}
    if at == family["at"] - 1 and mode["grace"] == "1" and not family["graced"]:
        family["graced"] = True
        state["graces"] += 1
        family["at"] -= 1
    elif at == family["at"]:
        family["graced"] = False
    if at != family["at"]:
        family["alive"] = False
        state["reuses"] += 1
        return 400, {"error": "invalid_grant", "error_description": "reused"}
    state["rotations"] += 1
    answer = {
        "access_token": f"access-{number}-{state['rotations']}",
        "token_type": "Bearer",
        "expires_in": LIFE,
    }
    if mode["keep"] != "1":
        family["at"] += 1
        answer["refresh_token"] = f"rt~{number}~{family['at']}"
    return 200, answer


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
        with lock:
            if path == "/seed":
                number = len(families) + 1
                families[number] = {"alive": True, "at": 1, "graced": False}
                return self.answer(200, f"rt~{number}~1")
            if path == "/mode":
                mode.update(parse_qsl(query))
            alive = sum(family["alive"] for family in families.values())
            return self.answer(200, dict(state, alive=alive))

    def do_POST(self):
        form = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        token = dict(parse_qsl(form.decode())).get("refresh_token", "")
        with lock:
            state["calls"] += 1
        time.sleep(float(mode["before"]))
        if mode["status"] != "0":
            return self.answer(int(mode["status"]), {"error": "server_error"})
        with lock:
            status, value = refresh(token)
        time.sleep(float(mode["delay"]))
        try:
            self.answer(status, value)
        except OSError:
            pass

    def log_message(self, *_):
        pass


print("ready", flush=True)
ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
