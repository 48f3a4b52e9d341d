# SPDX-License-Identifier: MIT
"""
chaos.py: faults by chance, one after the other and across each other.

The plan is drawn from the seed before anything else and from nothing else:
the same seed brings the same faults to the same instances after the same
pauses.  What the machine makes of them in between is not for us to repeat.
"""
import asyncio
import math
import signal
import time

BROKEN = [
    b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"token\":",
]


async def kill_instance(w, i, much):
    """And the next one finds the memory of the one before."""
    i.kill()
    await asyncio.sleep(much)
    i.start()


async def replace_instance(w, i, much):
    """The next one is on a new host."""
    i.kill()
    i.forget()
    await asyncio.sleep(much)
    i.start()


async def kill_refresher(w, i, much):
    i.signal("refresher", signal.SIGKILL)


async def kill_worker(w, i, much):
    i.signal("worker", signal.SIGKILL)


async def stop_refresher(w, i, much):
    """
    Too short for the master to notice, or long enough to be killed.  Nobody
    else fetches: what the instance has may run out meanwhile.
    """
    i.well_at = math.inf
    i.signal("refresher", signal.SIGSTOP)
    await asyncio.sleep(0.3 + 4 * much)
    i.signal("refresher", signal.SIGCONT)
    i.well_at = time.monotonic()


async def pause_redis(w, _, much):
    w.redis_well_at = math.inf
    w.redis.signal(signal.SIGSTOP)
    await asyncio.sleep(0.1 + 6 * much)
    w.redis.signal(signal.SIGCONT)
    w.redis_well_at = time.monotonic()


async def restart_redis(w, _, much):
    """It has lost everything."""
    w.redis_well_at = math.inf
    w.redis.end()
    await asyncio.sleep(4 * much)
    await w.redis.start()
    w.redis_well_at = time.monotonic()


async def fill_redis(w, _, much):
    """It refuses to write."""
    w.redis_well_at = math.inf
    await w.redis.ask("CONFIG", "SET", "maxmemory", "1")
    await asyncio.sleep(4 * much)
    await w.redis.ask("CONFIG", "SET", "maxmemory", "0")
    w.redis_well_at = time.monotonic()


async def empty_redis(w, _, much):
    await w.redis.ask("FLUSHALL")
    w.emptied_at = time.monotonic()


async def slow_backend(w, _, much):
    w.backend.delay = 0.5 + 2 * much
    await asyncio.sleep(3)
    w.backend.delay = 0


async def broken_backend(w, _, much):
    w.backend.broken = BROKEN[int(much * len(BROKEN))]
    await asyncio.sleep(0.5 + 3 * much)
    w.backend.broken = None


async def step_clock(w, i, much):
    i.step_clock(int(600 * much) - 300)
    w.reported_at = time.monotonic()  # what is older is renewed, if forward


async def report_token(w, i, much):
    w.reported_at = time.monotonic()
    await i.report(i.token)
    w.reported_at = time.monotonic()


# What must not be done to the same thing at the same time.
FAULTS = [("instance", kill_instance), ("instance", replace_instance),
          ("instance", kill_refresher), ("instance", kill_worker),
          ("instance", stop_refresher), ("redis", pause_redis),
          ("redis", restart_redis), ("redis", fill_redis),
          ("redis", empty_redis), ("backend", slow_backend),
          ("backend", broken_backend), ("clock", step_clock),
          ("report", report_token)]


def plan(w):
    """Pauses, faults, instances and how much, without end."""
    while True:
        yield (w.random.uniform(0, 2), w.random.choice(FAULTS),
               w.random.randrange(w.arguments.instances), w.random.random())


async def carry_out(w, began_at, busy, fault, i, much):
    target, what = fault
    w.faults.append("%s(%d, %.2f) at %.1f s" % (
        what.__name__, i.number, much, time.monotonic() - began_at))
    with open(w.folder + "/faults", "a", encoding="ascii") as f:
        f.write(w.faults[-1] + "\n")
    try:
        await what(w, i, much)
    finally:
        busy.discard(target)


async def by_chance(w):
    """What must hold whatever happens."""
    a = w.arguments
    life = 2 * a.life
    w.use_faketime()
    todo = plan(w)
    await w.begin(a.instances, life, options=["--redis-timeout=500ms"])
    await w.ready()
    w.watch()
    began_at, tasks, busy, count = time.monotonic(), [], set(), 0
    while time.monotonic() < began_at + a.seconds:
        pause, fault, number, much = next(todo)
        await asyncio.sleep(pause)
        if fault[0] in busy:
            continue
        busy.add(fault[0])
        tasks.append(asyncio.ensure_future(carry_out(
            w, began_at, busy, fault, w.fleet[number], much)))
        count += 1
    await asyncio.gather(*tasks)
    await w.all_agree(2 * life)
    gap = min(w.backend.own_gaps(), default=math.inf)
    if gap < 0.5:  # one second, and the first may have been long on its way
        w.bad("calls", "two of one instance within %.2f s" % gap)
    # a refresher may be killed between its slot and Redis
    if w.needless > 1 + count // 25:
        w.bad("needless calls", w.needless)
    w.say("random", faults=count, backend_calls=len(w.backend.calls),
          needless=w.needless, tokens=len(w.backend.issued), shortest_gap_of_one_instance=gap,
          answers=w.answers, excused=w.excused)
