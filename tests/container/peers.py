#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
peers.py: what an image's names and certificates are tried with.
    peers.py dns ADDRESS NAME           a name server at UDP port 53 that knows
                                        NAME, at 127.0.0.1
    peers.py https PORT CERTIFICATE KEY a backend; its answer is a token that
                                        tells the API key's length
Prints "ready" once it serves.
"""
import http.server
import json
import socket
import ssl
import struct
import sys


def dns(address, name):
    known = b"".join(bytes([len(p)]) + p.encode() for p in name.split("."))
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((address, 53))
    print("ready", flush=True)
    while True:
        query, client = s.recvfrom(1500)
        end = query.index(b"\0", 12) + 5
        question, asked = query[12:end], query[12:end - 5].lower()
        kind = struct.unpack(">H", question[-4:-2])[0]
        record = b""
        if asked == known and kind == 1:
            record = struct.pack(">HHHIH4B", 0xC00C, 1, 1, 60, 4, 127, 0, 0, 1)
        flags = 0x8180 if asked == known else 0x8183  # no such name
        s.sendto(query[:2] + struct.pack(">5H", flags, 1, bool(record), 0, 0)
                 + question + record, client)
        print("asked for", asked, kind, flush=True)


class Backend(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        key = self.headers.get("backend-APIKey", "")
        body = json.dumps({"token": "over-tls-%d" % len(key),
                           "expires_in": 600}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def https(port, certificate, key):
    server = http.server.HTTPServer(("127.0.0.1", int(port)), Backend)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print("ready", flush=True)
    server.serve_forever()


{"dns": dns, "https": https}[sys.argv[1]](*sys.argv[2:])
