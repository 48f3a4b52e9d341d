#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
callers.py: many callers of /token at once, who look at every answer.
    callers.py [HOST:]PORT SECONDS CONNECTIONS RATE [new|keep] [REUSE_MS]
SIGTERM ends it before the SECONDS are over, with all that is under way.
keep: connections are kept alive, and used without a look whether they still
are; new: one connection a request.  RATE is the requests per second of all.
REUSE_MS: a token that is asked for later than this after it was first seen, and
handed out, is counted as late.  Prints NAME=COUNT lines: the answers by status, and
  lost     no answer to a request that was sent
  refused  no connection
  wrong    an answer that contradicts itself, or a generation that went back
  late     see above
  tokens   different tokens seen
"""
import asyncio
import collections
import hashlib
import json
import signal
import sys
import time

host, _, port = sys.argv[1].rpartition(":")
seconds, connections, rate = (float(a) for a in sys.argv[2:5])
mode = sys.argv[5] if len(sys.argv) > 5 else "keep"
reuse = float(sys.argv[6]) / 1000 if len(sys.argv) > 6 else None
count = collections.Counter()
first_seen = {}
REQUEST = b"GET /token HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
CLOSING = b"GET /token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
newest = 0
end = 0


def check(head, body, asked):
    """What one whole answer says to somebody who asked then."""
    global newest
    fields = dict(l.split(": ", 1) for l in head.split("\r\n")[1:] if l)
    status = head.split(" ")[1]
    count["status_" + status] += 1
    if status != "200":
        return
    token = json.loads(body)["token"]
    generation, fingerprint = fields["ETag"].strip('"').split("-")
    if hashlib.sha256(token.encode()).hexdigest()[:16] != fingerprint:
        count["wrong"] += 1
    newest = max(newest, int(generation))
    if int(generation) < newest - 1:  # answers of two workers may cross
        count["wrong"] += 1
    since = first_seen.setdefault(token, time.monotonic())
    if reuse is not None and asked - since > reuse:
        count["late"] += 1


async def answer(reader, asked):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
    length = int(head.lower().split("content-length: ")[1].split("\r")[0])
    body = (await reader.readexactly(length)).decode("ascii")
    try:
        check(head, body, asked)
    except (KeyError, ValueError):
        count["wrong"] += 1
    return "connection: close" not in head.lower()


async def caller(pause):
    streams = None
    while time.monotonic() < end:
        await asyncio.sleep(pause)
        try:
            if streams is None:
                streams = await asyncio.open_connection(
                    host or "127.0.0.1", int(port))
        except OSError:
            count["refused"] += 1
            continue
        try:
            streams[1].write(CLOSING if mode == "new" else REQUEST)
            open_still = await asyncio.wait_for(answer(
                streams[0], time.monotonic()), 30)
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
            count["lost"] += 1
            open_still = False
        if not open_still:
            streams[1].close()
            streams = None
    if streams is not None:
        streams[1].close()


def stop():
    global end
    end = 0


async def main():
    global end
    end = time.monotonic() + seconds
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
    await asyncio.gather(*(caller(connections / rate)
                           for _ in range(int(connections))))
    for name in ("lost", "refused", "wrong", "late"):
        count[name] += 0
    count["tokens"] = len(first_seen)
    for name in sorted(count):
        print(f"{name}={count[name]}")


asyncio.run(main())
