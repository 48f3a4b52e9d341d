#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""
fleet.py: many replicas of bearerd live through token lives and faults.

    fleet.py [OPTION...] [WHAT...]

    -i N        instances                        (20)
    -l N        lives                            (5)
    -L SECONDS  a token's life                   (6)
    -t SECONDS  of faults by chance or all the time, and of idle (30)
    -r N        rounds of reports                (1)
    -s SEED     of everything that is by chance  (another each time)
    --strict    hold the figures that a machine of its own must reach

WHAT is what to check; each starts its own fleet of real processes on a real
Redis and a backend that counts.  By default all but idle:
%s
Callers poll every instance all the time, and every answer is judged:
  - the token is one that the backend issued, and is alive
  - expires_in is what is left of its life but for the reserve
  - an instance's generation never goes back
  - the status is 200 while the instance has a token to serve, or while another
    has and Redis is there to tell
Calls are counted, and those that a look into Redis would have spared.
Prints a line of figures for each, and what was wrong; the exit status is 1 if
anything was.  BUILD names the folder of the program, as in
    BUILD=build/test/main tests/fleet/fleet.py -s 1 lives
Needs Debian's packages python3, faketime, and redis-tools or redis-server.
"""
import argparse
import asyncio
import random
import signal
import sys
import textwrap

import chaos
import failures
import scenarios
import sentinel
from world import World

ALL = {"cold": scenarios.cold, "lives": scenarios.lives,
       "report": scenarios.report, "outage": scenarios.outage,
       "late": scenarios.late, "asleep": scenarios.asleep,
       "exclusive": scenarios.exclusive,
       "clocks": scenarios.clocks, "budget": scenarios.budget,
       "random": chaos.by_chance, "flush": scenarios.flush,
       "idle": scenarios.idle, "failover": sentinel.failover,
       **failures.ALL}
LEFT_OUT = ("idle",)


def arguments():
    about = "\n".join(textwrap.fill(
        " ".join(what.__doc__.split()), 79, subsequent_indent=" " * 14,
        initial_indent="    %-10s" % name) for name, what in ALL.items())
    p = argparse.ArgumentParser(
        usage=__doc__ % about, add_help=True)
    p.add_argument("-i", "--instances", type=int, default=20)
    p.add_argument("-l", "--lives", type=int, default=5)
    p.add_argument("-L", "--life", type=float, default=6)
    p.add_argument("-s", "--seed", type=int,
                   default=random.SystemRandom().randrange(1 << 32))
    p.add_argument("-t", "--seconds", type=float, default=30)
    p.add_argument("-r", "--rounds", type=int, default=1)
    p.add_argument("--strict", action="store_true")
    p.add_argument("what", nargs="*", metavar="WHAT")
    a = p.parse_args()
    a.what = a.what or [w for w in ALL if w not in LEFT_OUT]
    for what in a.what:
        if what not in ALL:
            p.error("there is no " + what)
    return a


async def main(a):
    asyncio.get_running_loop().add_signal_handler(
        signal.SIGTERM, asyncio.current_task().cancel)
    print("seed %d, %d instances" % (a.seed, a.instances), flush=True)
    failed = []
    for what in a.what:
        world = World(a)
        try:
            await ALL[what](world)
        finally:
            await world.end()
        if world.wrong:
            failed.append(what)
            print("  %s FAILED: %s" % (what, dict(world.wrong)), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(arguments())))
