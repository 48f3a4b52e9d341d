#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
manager.py: what systemd does for a service, as far as bearerd sees it.
    manager.py DIR SHM-NAME PORT ADMIN-PORT PROGRAM [ARGUMENT...]
Listens on both ports and passes the sockets as "callers" and "admin"; takes
messages at DIR/notify, prints them with the time in ms, and keeps one
descriptor; when the program is killed it removes the segment's name, as
RemoveIPC= does, and starts the program anew with the kept descriptor besides.
SIGTERM is passed on.  While DIR/no-refresher exists, no refresher gets to
live; its pid is looked for among the program's children.
"""
import array
import fcntl
import os
import select
import signal
import socket
import sys
import time

folder, name, port, admin_port = sys.argv[1:5]
program = sys.argv[5:]
kept = None
child = 0
stopping = False


def say(text):
    print(int(time.monotonic() * 1000), text, flush=True)


def listen(on):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", int(on)))
    s.listen(4096)
    return s


def start():
    names = ["callers", "admin"] + (["segment"] if kept else [])
    fds = [s.fileno() for s in sockets] + ([kept] if kept else [])
    pid = os.fork()
    if pid:
        say(f"started {pid}")
        return pid
    high = [os.dup2(fd, 100 + i) for i, fd in enumerate(fds)]
    for i, fd in enumerate(high):
        os.dup2(fd, 3 + i)
    os.closerange(3 + len(fds), 200)
    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(fds)),
                      LISTEN_FDNAMES=":".join(names), WATCHDOG_USEC="2000000",
                      NOTIFY_SOCKET=folder + "/notify")
    os.execv(program[0], program)


def hear():
    global kept
    data, extra, _, _ = inbox.recvmsg(4096, socket.CMSG_SPACE(4))
    say(data.decode().replace("\n", " "))
    if data.startswith(b"FDSTOREREMOVE=1\nFDNAME=segment") and kept:
        os.close(kept)
        kept = None
    for _, kind, fds in extra:
        if kind == socket.SCM_RIGHTS:
            kept = array.array("i", fds)[0]
            writable = fcntl.fcntl(kept, fcntl.F_GETFL) & os.O_ACCMODE
            say("kept, " + ("writable" if writable else "read-only"))


def forbid_refresher():
    if not os.path.exists(folder + "/no-refresher"):
        return
    with open(f"/proc/{child}/task/{child}/children") as f:
        for pid in f.read().split():
            with open(f"/proc/{pid}/cmdline") as title:
                if "worker" not in title.read():
                    os.kill(int(pid), signal.SIGKILL)


def stop(*_):
    global stopping
    stopping = True
    os.kill(child, signal.SIGTERM)


inbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
inbox.bind(folder + "/notify")
sockets = [listen(port), listen(admin_port)]
child = start()
signal.signal(signal.SIGTERM, stop)
while True:
    if select.select([inbox], [], [], 0.002)[0]:
        hear()
    pid, status = os.waitpid(child, os.WNOHANG)
    if pid and (stopping or not os.WIFSIGNALED(status)):
        sys.exit(os.waitstatus_to_exitcode(status))
    if pid:
        os.unlink("/dev/shm" + name)
        child = start()
    try:
        forbid_refresher()
    except (OSError, ProcessLookupError):
        pass  # it is gone
