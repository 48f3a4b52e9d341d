#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
client.py: an API user, behind whose back a gateway adds the token.
    client.py PORT many REQUESTS CONNECTIONS   kept alive, as fast as they can
    client.py PORT steady SECONDS CONNECTIONS  50 requests a second
    client.py PORT bodies REQUESTS CONNECTIONS PATH BYTES [CONNECTION-FIELD]   POSTs
    client.py PORT websocket                   handshake, and an echo
The first three print NAME=COUNT lines: answers by status; wrong, those of 200
that do not tell of a token; lost, no answer; and closed, the connections that
the gateway ended.
"""
import base64
import collections
import http.client
import json
import os
import socket
import sys
import threading
import time

port, what = int(sys.argv[1]), sys.argv[2]
count = collections.Counter(wrong=0, lost=0, closed=0)
lock = threading.Lock()


def get(connection):
    connection.request("GET", "/some/thing?a=b",
                       headers={"Authorization": "Basic own-secret"})
    answer = connection.getresponse()
    body = answer.read()
    return answer, json.loads(body)["authorization"] \
        if answer.status == 200 else ""


def post(connection):
    """Of bearerd itself: the token is in the answer's head."""
    connection.request("POST", sys.argv[5], b"x" * int(sys.argv[6]),
                       {"Connection": sys.argv[7]} if len(sys.argv) > 7 else {})
    answer = connection.getresponse()
    answer.read()
    return answer, answer.getheader("Authorization", "")


def ask(connection):
    """One request; returns whether the connection may be used again."""
    found = collections.Counter()
    try:
        answer, seen = (post if what == "bodies" else get)(connection)
        found[f"status_{answer.status}"] += 1
        if answer.status == 200 and not seen.startswith("Bearer live-"):
            found["wrong"] += 1
        found["closed"] += answer.will_close
    except (OSError, http.client.HTTPException, ValueError, KeyError):
        found["lost"] += 1
    with lock:
        count.update(found)
    return not found["closed"] and not found["lost"]


def caller(wanted, pause):
    connection = None
    while wanted():
        if connection is None:
            connection = http.client.HTTPConnection("127.0.0.1", port,
                                                    timeout=20)
        if not ask(connection):
            connection.close()
            connection = None
        time.sleep(pause)


def together(connections, wanted, pause):
    threads = [threading.Thread(target=caller, args=(wanted, pause))
               for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, number in sorted(count.items()):
        print(f"{name}={number}")


def websocket():
    head = ("GET /chat HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}"
            "\r\nAuthorization: Basic own-secret\r\n\r\n")
    with socket.create_connection(("127.0.0.1", port), 20) as s:
        s.sendall(head.encode())
        answer = b""
        while b"\r\n\r\n" not in answer and (data := s.recv(4096)):
            answer += data
        print(answer.decode("latin-1").split("\r\n")[0])
        if not answer.startswith(b"HTTP/1.1 101"):
            return
        frame = b"\x81\x85\0\0\0\0hello"
        s.sendall(frame)
        echo = b""
        while len(echo) < len(frame) and (data := s.recv(4096)):
            echo += data
        print("echoed" if echo == frame else f"echoed {echo!r}")


if what == "websocket":
    websocket()
else:
    amount, connections = int(sys.argv[3]), int(sys.argv[4])
    if what in ("many", "bodies"):
        left = iter(range(amount))
        together(connections, lambda: next(left, None) is not None, 0)
    else:
        end = time.monotonic() + amount
        together(connections, lambda: time.monotonic() < end,
                 connections / 50)
