# SPDX-License-Identifier: MIT
"""sentinel.py: Redis with a replica and three sentinels, and its failover."""
import asyncio
import math
import os
import time

from parts import Redis


class Sentinel(Redis):
    """The same program, told what to watch by a file that it writes to."""

    async def begin(self, primary):
        name = os.path.join(self.folder, "sentinel.%d" % self.port)
        with open(name, "w", encoding="ascii") as f:
            f.write("port %d\nbind 127.0.0.1\ndir %s\n"
                    "sentinel monitor mymaster 127.0.0.1 %d 2\n"
                    "sentinel down-after-milliseconds mymaster 1000\n"
                    "sentinel failover-timeout mymaster 3000\n" %
                    (self.port, self.folder, primary))
        self.process = await asyncio.create_subprocess_exec(
            "redis-server", name, "--sentinel",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL)
        while await self.ask("PING") != "PONG":
            await asyncio.sleep(0.02)

    def end(self):
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
        self.process = None


async def start_all(w):
    """A primary, its replica, and sentinels who know of both."""
    primary, replica = Redis(w.folder), Redis(w.folder)
    sentinels = [Sentinel(w.folder) for _ in range(3)]
    w.servers += [primary, replica, *sentinels]
    await primary.start()
    await replica.start("--replicaof", "127.0.0.1", str(primary.port))
    for s in sentinels:
        await s.begin(primary.port)
    for s in sentinels:
        end = time.monotonic() + 15
        while True:
            lines = (await s.ask("SENTINEL", "MASTER", "mymaster")).split("\n")
            known = dict(zip(lines[::2], lines[1::2]))
            if known.get("num-slaves") == "1" and \
                    known.get("num-other-sentinels") == "2":
                break
            if time.monotonic() > end:
                w.bad("sentinels", "do not know each other: %s" % known)
                break
            await asyncio.sleep(0.1)
    return primary, replica, sentinels


async def failover(w):
    """The primary dies under load: nobody notices, the next one is filled."""
    a = w.arguments
    w.perfect = True
    primary, replica, sentinels = await start_all(w)
    await w.begin(a.instances, 600, redis=False, options=[
        "--redis-sentinels=" + ",".join("127.0.0.1:%d" % s.port
                                        for s in sentinels),
        "--redis-sentinel-master=mymaster"])
    await w.ready()
    w.watch()
    await w.all_agree(5)
    while await replica.ask("GET", "token") != w.fleet[0].token:
        await asyncio.sleep(0.05)
    # What had not come over yet when the primary died is to be written again.
    token = w.fleet[0].token
    await replica.ask("CONFIG", "SET", "replica-read-only", "no")
    await replica.ask("DEL", "token", "{token}:meta")
    w.redis_well_at, at = math.inf, time.monotonic()
    primary.end()
    replica_is = ""
    while "role:master" not in replica_is and time.monotonic() < at + 15:
        replica_is = await replica.ask("INFO", "replication")
        await asyncio.sleep(0.05)
    promoted = time.monotonic() - at
    while await replica.ask("GET", "token") != token and \
            time.monotonic() < at + 15:
        await asyncio.sleep(0.05)
    written = time.monotonic() - at
    if written - promoted > 5:
        w.bad("written", "%.1f s after the promotion" % (written - promoted))
    # Five seconds after the promotion everybody is there, and hears of a
    # renewal.
    await asyncio.sleep(max(0, at + promoted + 5 - time.monotonic()))
    calls = len(w.backend.calls)
    await w.random.choice(w.fleet).report(token)
    await w.wait_for(lambda: w.same_everywhere() and w.fleet[0].token != token,
                     2, "renewal")
    if calls != 1 or len(w.backend.calls) != 2:
        w.bad("calls", len(w.backend.calls))
    w.say("failover", promoted_after=promoted, written_after=written,
          backend_calls=len(w.backend.calls), answers=w.answers)
