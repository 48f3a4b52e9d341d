# SPDX-License-Identifier: MIT
"""world.py: one fleet, the callers who poll it, and the judge of answers."""
import asyncio
import collections
import glob
import json
import math
import os
import random
import shutil
import statistics
import sys
import tempfile
import time

from parts import Backend, Instance, Redis

POLL = 0.25      # seconds between two questions to an instance
HOT_POLL = 0.01  # while a new token spreads
SETTLE = 3.0     # seconds that a Redis which is back needs to be of use
SPREAD = 1.5     # seconds after which whoever looks into Redis has a token
DUE = 0.65       # of a life: no renewal begins before
LATE = 0.5       # seconds into the reserve: an answer's way may be slow

# What the time figures must be; the looser maximum is for machines whose
# CPUs are shared with others.
MEDIAN, MAXIMUM, MAXIMUM_LOOSE = 0.1, 0.5, 2.0


class World:
    def __init__(self, arguments):
        self.arguments = arguments
        self.random = random.Random(arguments.seed)
        self.program = os.path.join(os.environ.get("BUILD", "."), "bearerd")
        self.wrong = collections.Counter()
        self.answers = self.excused = 0
        self.needless = 0        # calls, though a fresh token was in Redis
        self.reported_at = 0     # by whoever was accepted
        self.faketime = None
        self.options, self.redis_environment = [], {}
        self.perfect = False     # no answer but 200, whatever the reason
        self.excused_until = 0   # until then no status is judged
        self.redis_well_at = 0   # since then Redis is of use; inf: it is not
        self.emptied_at = 0      # what Redis held before that is lost
        self.faults = collections.deque(maxlen=6)  # the last ones
        self.fleet, self.watchers, self.servers = [], [], []
        self.over = False
        self.folder = tempfile.mkdtemp(prefix="fleet.")
        self.redis = None

    def use_faketime(self):
        found = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
        if not found:
            self.bad("faketime", "libfaketime is not installed")
        self.faketime = found[0] if found else None

    async def begin(self, instances, life, exclusive=False, delay=0.0,
                    options=(), clocks=lambda n: 0, redis=True):
        self.options = list(options)
        self.backend = Backend(life, exclusive)
        self.backend.delay = delay
        self.backend.on_call = self.judge_call
        await self.backend.start()
        if redis:
            self.redis = Redis(self.folder)
            self.servers.append(self.redis)
            await self.redis.start()
            self.redis_environment = {
                "REDIS_HOST": "127.0.0.1",
                "BEARERD_REDIS_PORT": str(self.redis.port)}
        self.fleet = [Instance(self, n, clocks(n)) for n in range(instances)]
        for i in self.fleet:
            i.start()

    async def ready(self, limit=60):
        end = time.monotonic() + limit
        for i in self.fleet:
            while True:
                a = await i.ask()
                if a is not None and a[0] == 200:
                    break
                if time.monotonic() > end:
                    with open(i.log, encoding="utf-8") as log:
                        sys.exit("instance %d is not ready: %s" %
                                 (i.number, log.read()[-600:]))
                await asyncio.sleep(0.02)

    def watch(self):
        self.watchers = [asyncio.ensure_future(self.poll(i))
                         for i in self.fleet]

    async def all_agree(self, limit, what="tokens"):
        await self.wait_for(self.same_everywhere, limit, what)

    def same_everywhere(self):
        tokens = {i.token for i in self.fleet}
        return len(tokens) == 1 and None not in tokens

    async def wait_for(self, condition, limit, what):
        end = time.monotonic() + limit
        while not condition():
            if time.monotonic() > end:
                self.bad(what, "not within %g s" % limit)
                return
            await asyncio.sleep(0.01)

    def bad(self, what, detail):
        self.wrong[what] += 1
        if self.wrong[what] <= 3:
            print("  wrong: %s: %s" % (what, detail), flush=True)
            if self.faults:
                print("    after " + "; ".join(self.faults), flush=True)

    # ---- the judge --------------------------------------------------------

    def holds(self, i, now, since=0):
        """Whether an instance has a token, issued after that, to serve."""
        t = self.backend.issued.get(i.token)
        return t is not None and t.issued_at > since and \
            now < t.served_until()

    def must_serve(self, i, asked, now):
        """
        An instance must serve the token that it has; one that has none, what
        another has got and Redis can tell.
        """
        if self.perfect or self.holds(i, now):
            return True
        return asked > SETTLE + \
            max(self.redis_well_at, i.started_at, i.well_at) and \
            any(self.holds(j, now, self.emptied_at) for j in self.fleet)

    def judge(self, i, answer, asked):
        now = time.monotonic()
        if answer is None:
            if not i.down and asked > i.started_at + SETTLE:
                self.bad("no answer", "of instance %d" % i.number)
            return
        self.answers += 1
        if answer[0] == 200:
            self.judge_token(i, answer, asked, now)
        elif asked > self.excused_until and self.must_serve(i, asked, now):
            self.bad("status", "%d of instance %d (%s)" %
                     (answer[0], i.number, i.token))
        else:
            self.excused += 1

    def fresh(self, text, t, now):
        """Whether a token is not due, and has been in Redis for a while."""
        return t.killed_at is None and \
            now - t.called_at < DUE * t.life and \
            t.issued_at > max(self.redis_well_at, self.emptied_at,
                              self.reported_at) and \
            any(j.had.get(text, now) < now - SPREAD for j in self.fleet)

    def judge_call(self, key):
        """A call is needless when a look into Redis would have done."""
        number, now = key.split(".")[0], time.monotonic()
        if not number.isdigit() or int(number) >= len(self.fleet):
            return
        i = self.fleet[int(number)]
        if now < SETTLE + max(self.redis_well_at, i.started_at, i.well_at):
            return
        if any(self.fresh(text, t, now)
               for text, t in self.backend.issued.items()):
            self.needless += 1

    def redis_timeout(self):
        """Seconds that may be taken off a life that Redis told of late."""
        for o in self.options:
            if o.startswith("--redis-timeout="):
                number = o.split("=")[1]
                return float(number.rstrip("ms")) / \
                    (1000 if number.endswith("ms") else 1)
        return 1.0

    def judge_life(self, i, told, token, asked, now):
        """expires_in is what is left until the reserve, in whole seconds."""
        until = token.served_until()
        if not isinstance(told, int) or told < 0 or told > until - asked + 1:
            self.bad("expires_in", "%s of instance %d, %.3f s are left" % (
                told, i.number, until - asked))
        elif told < until - now - 2 - self.redis_timeout():
            self.bad("expires_in", "only %s of instance %d, %.3f s are left" %
                     (told, i.number, until - now))

    def judge_token(self, i, answer, asked, now):
        try:
            body = json.loads(answer[2])
            text = body["token"]
        except (ValueError, KeyError):
            self.bad("json", answer[2])
            return
        generation = int(answer[1]["etag"].strip('"').split("-")[0])
        token = self.backend.issued.get(text)
        if token is None:
            self.bad("unknown token", text)
        elif not token.alive(asked):
            self.bad("dead token", "%s at instance %d, %.3f s over" % (
                text, i.number, asked - token.called_at - token.life))
        elif asked > token.served_until() + LATE:
            self.bad("reserve", "%s at instance %d, %.3f s into it" % (
                text, i.number, asked - token.served_until()))
        else:
            self.judge_life(i, body.get("expires_in"), token, asked, now)
        if generation < i.generation:
            self.bad("generation", "%d after %d at instance %d" %
                     (generation, i.generation, i.number))
        i.generation, i.token = generation, text
        i.had.setdefault(text, now)

    async def poll(self, i):
        await asyncio.sleep(self.random.random() * POLL)
        while not self.over:
            asked, started = time.monotonic(), i.started_at
            # a worker's death costs its connections, but no new one
            answer = await i.ask() or await i.ask()
            if started == i.started_at and not i.down:
                self.judge(i, answer, asked)
            if self.backend.newest not in i.had and \
                    self.backend.newest is not None:
                await asyncio.sleep(HOT_POLL)
                continue
            try:
                await asyncio.wait_for(self.backend.news.wait(), POLL)
            except asyncio.TimeoutError:
                pass

    # ---- figures ----------------------------------------------------------

    def spread(self, first=2):
        """
        Of each token, beginning with that number: seconds from its issue to
        its first answer at each instance.
        """
        return [[i.had.get(text, math.inf) - t.issued_at for i in self.fleet]
                for text, t in self.backend.issued.items()
                if t.number >= first]

    def judge_spread(self, spread):
        """
        A loaded machine delays callers, too: then the median may be exceeded,
        but not each time.
        """
        everything = [s for token in spread for s in token]
        median, most = statistics.median(everything), max(everything)
        if self.arguments.strict:
            good = median <= MEDIAN and most <= MAXIMUM
        else:
            good = most <= MAXIMUM_LOOSE and \
                min(statistics.median(token) for token in spread) <= MEDIAN
        if not good:
            self.bad("spread", "median %.3f s, max %.3f s" % (median, most))
        return {"spread_median": median,
                "spread_p99": sorted(everything)[len(everything) * 99 // 100],
                "spread_max": most}

    def judge_gap(self):
        """
        One call a life: the next one is not before the renewal point; a little
        before, where the token's way to a replica was counted as part of its
        life: the first time the way through a start of all at once.
        """
        gaps, life = self.backend.gaps(), self.backend.life
        gap = min(gaps[1:], default=1e9)
        if gap < 0.65 * life or gaps[0] < 0.45 * life:
            self.bad("calls", "two within %.2f s" % gap)
        return {"backend_calls": len(self.backend.calls),
                "shortest_gap_of_life": gap / life}

    def say(self, what, **figures):
        print("%s: %s" % (what, ", ".join(
            "%s %s" % (k.replace("_", " "), "%.3f" % v
                       if isinstance(v, float) else v)
            for k, v in figures.items())), flush=True)

    # ---- the end ----------------------------------------------------------

    async def end(self):
        self.over = True  # wait_for() may swallow a cancellation
        for w in self.watchers:
            w.cancel()
        for i in self.fleet:
            i.end()
        for i in self.fleet:
            i.reap()
            i.tidy()
        for server in self.servers:
            server.end()
        if self.fleet:
            self.backend.server.close()
        if self.wrong:
            print("  logs are in " + self.folder)
        else:
            shutil.rmtree(self.folder)
