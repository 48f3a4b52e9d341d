#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
half_upgrade.py: a program that an upgrade starts, and that keeps only a part of
the agreement in src/master/upgrade.h: it says that its workers serve, waits until it
may start a refresher, and then
    die       ends
    hang      does nothing more
    orphan    leaves a process behind that holds the line, and ends; it has told
              that this one is its refresher
    impostor  the same, but that process names another one (the second word)
What to do is in the file of the same name with .do after it.
"""
import os
import signal
import socket
import struct
import sys
import time

READY, GO, REFRESHER = 1, 2, 3
line = socket.socket(fileno=int(os.environ["BEARERD_HANDOVER"].split()[2]))
line.setblocking(True)
how, *victim = open(sys.argv[0] + ".do").read().split()
line.send(struct.pack("Ii", READY, 0))
while struct.unpack("Ii", line.recv(8))[0] != GO:
    pass
print("half_upgrade: may go", file=sys.stderr)
if how == "hang":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(100)
if how == "orphan":
    child = os.fork()
    if child == 0:
        time.sleep(100)
    line.send(struct.pack("Ii", REFRESHER, child))
    print("half_upgrade: orphan", child, file=sys.stderr)
if how == "impostor":
    if os.fork() == 0:
        line.send(struct.pack("Ii", REFRESHER, int(victim[0])))
        time.sleep(5)
        os._exit(0)
    time.sleep(0.5)
sys.exit(7)
