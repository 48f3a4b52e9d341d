# SPDX-License-Identifier: MIT
"""scenarios.py: what fleet.py puts its instances through, but for chance."""
import asyncio
import math
import signal
import time

from chaos import BROKEN


async def lives(w):
    """One call a life, seen by all at once, and a Redis that is left alone."""
    a = w.arguments
    w.perfect = True
    await w.begin(a.instances, a.life)
    await w.ready()
    w.watch()
    before, at = await w.redis.info("stats", "total_commands_processed"), \
        time.monotonic()
    await w.wait_for(lambda: len(w.backend.calls) > a.lives,
                     a.lives * a.life + 20, "lives")
    await asyncio.sleep(0.6)
    load = await w.redis.info("stats", "total_commands_processed") - before
    if not w.same_everywhere():
        w.bad("tokens", "not the same everywhere")
    w.say("lives", lives=a.lives, **w.judge_gap(), answers=w.answers,
          redis_commands_per_instance_and_life=load / a.instances / a.lives,
          seconds_per_life=(time.monotonic() - at) / a.lives,
          **w.judge_spread(w.spread()))


async def idle(w):
    """Between renewals Redis hears of nobody."""
    await w.begin(w.arguments.instances, 3600)
    await w.ready()
    await asyncio.sleep(2)
    name = "total_commands_processed"
    before, at = await w.redis.info("stats", name), time.monotonic()
    await asyncio.sleep(w.arguments.seconds)
    load = (await w.redis.info("stats", name) - before - 1) / len(w.fleet) / \
        (time.monotonic() - at)
    if load > 0.2:
        w.bad("load", load)
    w.say("idle", redis_commands_per_second_and_instance=load,
          connections=await w.redis.info("clients", "connected_clients") - 1)


async def cold(w):
    """All start at once on an empty Redis."""
    await w.begin(w.arguments.instances, 60, delay=0.3)
    await w.ready()
    w.watch()
    await w.all_agree(5)
    if len(w.backend.calls) != 1:
        w.bad("calls", len(w.backend.calls))
    w.say("cold", backend_calls=len(w.backend.calls))


def crowd(calls, width):
    """The most calls within so many seconds."""
    return max((sum(1 for y, _ in calls if x <= y < x + width)
                for x, _ in calls), default=0)


async def outage(w):
    """Redis is away for a whole life: each one for itself, nobody notices."""
    a = w.arguments
    w.perfect = True
    await w.begin(a.instances, a.life)
    await w.ready()
    w.watch()
    await asyncio.sleep(a.life / 2)
    before, down_at = len(w.backend.calls), time.monotonic()
    w.redis.end()
    await asyncio.sleep(a.life)
    calls = w.backend.calls[before:]
    gap = min(w.backend.own_gaps(down_at), default=math.inf)
    if gap < 0.65 * a.life or len(calls) > 2 * a.instances:
        w.bad("calls", "%d, two of one instance within %.2f s" %
              (len(calls), gap))
    most = crowd(calls, a.life / 100)
    if most > max(4, 0.45 * a.instances):
        w.bad("crowd", "%d calls within a hundredth of a life" % most)
    await w.redis.start()
    at = time.monotonic()
    await w.all_agree(a.life)
    w.say("outage", calls_without_redis=len(calls),
          shortest_gap_of_one_instance_of_life=gap / a.life,
          most_within_a_hundredth_of_life=most,
          same_again_after=time.monotonic() - at, answers=w.answers)


async def late(w):
    """
    Redis stands still while a publication is on its way to it, and does it
    much later: nobody may think that the token lives so much longer.
    """
    a = w.arguments
    await w.begin(a.instances, a.life, options=["--redis-timeout=300ms"])
    await w.ready()
    w.watch()
    w.backend.delay = 0.6
    await w.wait_for(lambda: len(w.backend.calls) == 2, a.life, "renewal")
    await asyncio.sleep(0.3)
    w.redis_well_at = math.inf
    w.redis.signal(signal.SIGSTOP)
    await asyncio.sleep(a.life * 0.6)  # all have helped themselves once
    w.redis.signal(signal.SIGCONT)
    w.redis_well_at = time.monotonic()
    await asyncio.sleep(a.life)
    await w.all_agree(a.life)
    w.say("late", backend_calls=len(w.backend.calls), answers=w.answers)


async def asleep(w):
    """
    Hosts fall asleep while the answer to a look-up is on its way, and hear of
    a token that was alive then when they wake up; of no other at first, since
    Redis was emptied meanwhile, and the backend has a fault.
    """
    a = w.arguments
    await w.begin(a.instances, a.life, options=["--redis-timeout=3s"])
    await w.ready()
    w.watch()
    sleepers = w.fleet[::2]
    token = w.backend.issued[w.backend.newest]
    await asyncio.sleep(token.called_at + 0.69 * a.life - time.monotonic())
    w.redis_well_at = math.inf
    w.redis.signal(signal.SIGSTOP)
    await asyncio.sleep(0.07 * a.life)
    for i in sleepers:
        i.sleep()
    w.redis.signal(signal.SIGCONT)
    w.redis_well_at = time.monotonic()
    await asyncio.sleep(0.5 * a.life)
    await w.redis.ask("FLUSHALL")
    w.emptied_at = time.monotonic()
    w.backend.broken = BROKEN[0]
    for i in sleepers:
        i.wake()
    await asyncio.sleep(0.5)
    w.backend.broken = None
    await asyncio.sleep(a.life)
    await w.all_agree(a.life)
    w.say("asleep", backend_calls=len(w.backend.calls), answers=w.answers,
          excused=w.excused)


async def flush(w):
    """Redis is emptied: no call, and everything is written again."""
    w.perfect = True
    await w.begin(w.arguments.instances, 600)
    await w.ready()
    w.watch()
    await w.redis.ask("FLUSHALL")
    at = time.monotonic()
    while await w.redis.ask("EXISTS", "token") != "1":
        if time.monotonic() > at + 80:
            w.bad("written", "not within 80 s")
            break
        await asyncio.sleep(0.1)
    if len(w.backend.calls) != 1:
        w.bad("calls", len(w.backend.calls))
    w.say("flush", backend_calls=len(w.backend.calls), answers=w.answers,
          written_after=time.monotonic() - at)


async def report(w):
    """Five callers at each instance report the same token at once."""
    w.perfect = True
    await w.begin(w.arguments.instances, 600)
    await w.ready()
    w.watch()
    await w.all_agree(5)
    for number in range(w.arguments.rounds):
        old, at = w.fleet[0].token, time.monotonic()
        answers = await asyncio.gather(*(i.report(old) for i in w.fleet
                                         for _ in range(5)))
        codes = [a[0] if a else None for a in answers]
        await w.wait_for(lambda: w.same_everywhere() and
                         w.fleet[0].token != old, 5, "tokens")
        if codes.count(202) != 1 or set(codes) - {202, 412, 429}:
            w.bad("codes", sorted(map(str, codes)))
        if len(w.backend.calls) != number + 2:
            w.bad("calls", len(w.backend.calls))
        w.say("report", reports=len(codes), accepted=codes.count(202),
              backend_calls=len(w.backend.calls) - number - 1,
              **w.judge_spread(w.spread(number + 2)))
        if number + 1 < w.arguments.rounds:
            await asyncio.sleep(max(0, at + 10.2 - time.monotonic()))


async def begin_anew(w):
    """A host without memory finds an empty Redis, and counts from 1 again."""
    before = len(w.backend.calls)
    await w.wait_for(lambda: len(w.backend.calls) > before, w.arguments.life,
                     "renewal")
    await asyncio.sleep(0.5)
    await w.redis.ask("FLUSHALL")
    w.emptied_at = time.monotonic()
    new = w.random.choice(w.fleet)
    new.kill()
    new.forget()
    new.start()
    await w.wait_for(lambda: new.token == w.backend.newest and
                     w.same_everywhere(), 3, "beginning anew")


async def exclusive(w):
    """The backend kills the old token: never two calls, none without Redis."""
    a = w.arguments
    await w.begin(a.instances, a.life, exclusive=True, delay=0.2,
                  options=["--exclusive=yes"])
    await w.ready()
    w.watch()
    for _ in range(3):
        w.random.choice(w.fleet).signal("refresher", signal.SIGKILL)
        await asyncio.sleep(a.life * 0.75)
    await begin_anew(w)
    before = len(w.backend.calls)
    w.redis_well_at = math.inf
    w.redis.end()
    await asyncio.sleep(a.life * 1.5)
    if len(w.backend.calls) != before or w.backend.busy_max > 1:
        w.bad("calls", "%d without Redis, %d at once" %
              (len(w.backend.calls) - before, w.backend.busy_max))
    await w.redis.start()
    w.redis_well_at = at = time.monotonic()
    await w.wait_for(lambda: len(w.backend.calls) > before, 5, "return")
    await w.wait_for(lambda: w.same_everywhere() and
                     w.fleet[0].token == w.backend.newest, 5, "tokens")
    if len(w.backend.calls) != before + 1:
        w.bad("return", "%d calls" % (len(w.backend.calls) - before))
    w.say("exclusive", backend_calls=len(w.backend.calls), without_redis=0,
          most_at_once=w.backend.busy_max, answers=w.answers,
          all_served_again_after=time.monotonic() - at)


async def budget(w):
    """max-calls-per-hour is the fleet's."""
    a = w.arguments
    most = 2
    await w.begin(a.instances, a.life,
                  options=["--max-calls-per-hour=%d" % most])
    await w.ready()
    w.watch()
    await asyncio.sleep(most * a.life + 1)
    answers = await asyncio.gather(*(i.ask(port=i.port) for i in w.fleet))
    told = sum(1 for x in answers if x and x[0] == 503 and
               "retry-after" in x[1])
    if len(w.backend.calls) != most or told != a.instances:
        w.bad("calls", "%d, and %d instances say 503 when they are used up" %
              (len(w.backend.calls), told))
    w.say("budget", backend_calls=len(w.backend.calls), allowed=most,
          answers=w.answers)


async def clocks(w):
    """Wall clocks up to five minutes apart, which step meanwhile."""
    a = w.arguments
    w.perfect = True
    w.use_faketime()
    await w.begin(a.instances, a.life,
                  clocks=lambda n: w.random.randint(-300, 300))
    await w.ready()
    w.watch()
    for _ in range(max(2, a.lives // 2)):
        i = w.random.choice(w.fleet)
        # further forward, and a token is renewed
        i.step_clock(w.random.randint(-300, min(300, i.offset + 25)))
        await asyncio.sleep(a.life * 0.75)
    await w.all_agree(2)
    w.say("clocks", **w.judge_gap(), answers=w.answers,
          **w.judge_spread(w.spread()))
