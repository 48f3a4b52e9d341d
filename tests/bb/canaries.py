#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""canaries.py PID REGEX: how often the memory of a process matches."""
import re
import sys

PID, WANTED = sys.argv[1], re.compile(sys.argv[2].encode())
found = 0
with open(f"/proc/{PID}/maps") as maps, open(f"/proc/{PID}/mem", "rb") as mem:
    for line in maps:
        start, end = (int(x, 16) for x in line.split()[0].split("-"))
        if line.split()[1][0] != "r" or "[v" in line or end - start > 1 << 28:
            continue  # the kernel's own, and a sanitizer's shadow
        mem.seek(start)
        try:
            found += len(WANTED.findall(mem.read(end - start)))
        except OSError:
            pass
print(found)
