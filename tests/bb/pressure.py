#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
pressure.py: clients that ask for much, slowly, or do not read.
    pressure.py PORT late METHOD PATH BYTES cl|chunked COUNT [PIECE PAUSE-MS]
        sends all of a body before it reads the answer, as gateways do; prints
        the answers by status, "lost" for none, or one that came with a reset
    pressure.py PORT heads COUNT BYTES SECONDS
        unfinished heads; prints how many were opened, then "status=N" lines
        after SECONDS
    pressure.py PORT unread COUNT DEPTH PATH SECONDS [HOST]
        connections with small receive buffers that pipeline DEPTH requests and
        never read, for SECONDS; prints "open" when all have sent
    pressure.py PORT pipeline COUNT PATH SECONDS [METHOD]
        connections that always have 64 KiB of requests under way, and read
    pressure.py PORT upload COUNT SECONDS
        connections that send bodies without an end, as fast as they can
    pressure.py PORT scrape PATH SECONDS
        one request a second, read whole
    pressure.py PORT paced PATH SECONDS
        one request each 2 ms; prints their number, and the median, the 99th
        percentile and the most of the microseconds that they took
    pressure.py PORT order COUNT
        opens COUNT connections, uses the first one again, opens one more, and
        prints the numbers of those that the server has closed
"""
import collections
import select
import socket
import sys
import time

port, what = int(sys.argv[1]), sys.argv[2]
rest = sys.argv[3:]


def connect(receive=0):
    s = socket.socket()
    if receive:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
    s.settimeout(30)
    s.connect(("127.0.0.1", port))
    return s


def status_of(data):
    return data.split(b" ")[1].decode() if data.startswith(b"HTTP/1.1 ") else ""


def read_all(s):
    data = b""
    while piece := s.recv(65536):
        data += piece
    return data


def late():
    method, path, size, coding, number = rest[:5]
    size = int(size)
    piece = int(rest[5]) if len(rest) > 5 else 65536
    pause = int(rest[6]) / 1000 if len(rest) > 6 else 0
    found = collections.Counter()
    for _ in range(int(number)):
        s = connect()
        head = (f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                "Connection: close\r\n")
        head += (f"Content-Length: {size}\r\n\r\n" if coding == "cl"
                 else "Transfer-Encoding: chunked\r\n\r\n")
        try:
            s.sendall(head.encode())
            for at in range(0, size, piece):
                body = b"x" * min(piece, size - at)
                if coding == "chunked":
                    body = b"%x\r\n%s\r\n" % (len(body), body)
                s.sendall(body)
                time.sleep(pause)
            if coding == "chunked":
                s.sendall(b"0\r\n\r\n")
            found[status_of(read_all(s)) or "lost"] += 1
        except OSError:
            found["lost"] += 1
        s.close()
    for name, n in sorted(found.items()):
        print(f"{name}={n}")


def heads():
    number, size, seconds = int(rest[0]), int(rest[1]), float(rest[2])
    fields = b"".join(b"X-F%d: %s\r\n" % (i, b"y" * 2000)
                      for i in range(size // 2010))
    text = b"GET /token HTTP/1.1\r\nHost: 127.0.0.1\r\n" + fields
    all_of_them = []
    for _ in range(number):
        try:
            s = connect()
            s.sendall(text)
            all_of_them.append(s)
        except OSError:
            pass
    print(f"opened={len(all_of_them)}", flush=True)
    time.sleep(seconds)
    found = collections.Counter()
    for s in all_of_them:
        s.setblocking(False)
        try:
            found[status_of(s.recv(4096)) or "lost"] += 1
        except BlockingIOError:
            found["kept"] += 1
        except OSError:
            found["lost"] += 1
    for name, n in sorted(found.items()):
        print(f"{name}={n}")


def unread():
    number, depth, path, seconds = rest[:4]
    request = (f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
               "Accept-Encoding: gzip\r\n\r\n").encode() * int(depth)
    kept = []
    for _ in range(int(number)):
        try:
            s = connect(4096)
            s.setblocking(False)
            s.send(request)
            kept.append(s)
        except OSError:
            pass
    print(f"open={len(kept)}", flush=True)
    time.sleep(float(seconds))


def each(connections, seconds, move):
    """Serve all by poll(2) until the time is over."""
    poll, by_fd = select.poll(), {}
    for s in connections:
        s.setblocking(False)
        by_fd[s.fileno()] = s
        poll.register(s, select.POLLIN | select.POLLOUT)
    end = time.monotonic() + seconds
    while time.monotonic() < end and by_fd:
        for fd, events in poll.poll(100):
            try:
                move(by_fd[fd], events)
            except BlockingIOError:
                pass
            except OSError:
                poll.unregister(fd)
                by_fd.pop(fd).close()
    print(f"left={len(by_fd)}")


def pipeline():
    number, path, seconds = int(rest[0]), rest[1], float(rest[2])
    method = rest[3] if len(rest) > 3 else "GET"
    one = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    text = one * (65536 // len(one))
    left = {}

    def move(s, events):
        if events & select.POLLIN and not s.recv(1 << 20):
            raise OSError
        if events & select.POLLOUT:
            at = left.get(s, 0)
            at += s.send(text[at:])
            left[s] = at % len(text)

    print("open", flush=True)
    each([connect() for _ in range(number)], seconds, move)


def upload():
    number, seconds = int(rest[0]), float(rest[1])
    body = b"x" * 65536

    def begin():
        s = connect()
        s.sendall(b"POST /auth HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                  b"Content-Length: 1000000000000\r\n\r\n")
        return s

    def move(s, events):
        if events & select.POLLOUT:
            s.send(body)

    print("open", flush=True)
    each([begin() for _ in range(number)], seconds, move)


def scrape():
    path, seconds = rest[0], float(rest[1])
    end = time.monotonic() + seconds
    print("open", flush=True)
    while time.monotonic() < end:
        next_at = time.monotonic() + 1
        with connect() as s:
            s.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                      "Connection: close\r\n\r\n".encode())
            read_all(s)
        time.sleep(max(0, min(next_at, end) - time.monotonic()))


def paced():
    path, seconds = rest[0], float(rest[1])
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    s, took, end = connect(), [], time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.perf_counter()
        s.sendall(request)
        if not s.recv(65536).startswith(b"HTTP/1.1 200"):
            sys.exit("no 200")
        took.append(int((time.perf_counter() - began) * 1e6))
        time.sleep(0.002)
    took.sort()
    print(len(took), took[len(took) // 2], took[len(took) * 99 // 100],
          took[-1])


def order():
    def ask(s):
        s.sendall(b"GET /token HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        return s.recv(65536)

    connections = []
    for _ in range(int(rest[0])):
        connections.append(connect())
        ask(connections[-1])
    time.sleep(0.2)  # use counts to a tenth of a second
    ask(connections[0])
    ask(connect())
    time.sleep(0.3)
    for i, s in enumerate(connections):
        s.setblocking(False)
        try:
            if s.recv(1) == b"":
                print(i)
        except BlockingIOError:
            pass


{"late": late, "heads": heads, "unread": unread, "pipeline": pipeline,
 "upload": upload, "order": order, "scrape": scrape, "paced": paced}[what]()
