# SPDX-License-Identifier: MIT
"""
failures.py: a backend that fails all the time, for a fleet and for some
instances that live alone beside it, on keys of their own in the same Redis.

The fleet may make as many calls as one of these, and one more.  Where the
back-off has a random share in it, that alone would be luck: so the notes in
Redis are read along, and each call must be the one attempt of its step.
"""
import asyncio
import time

from parts import Instance

HEAD = "HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n"
FAULTS = {"500": (HEAD % "500 Broken").encode(),
          "429": (HEAD % "429 Busy\r\nRetry-After: 600").encode(),
          "401": (HEAD % "401 Unauthorized").encode(),
          "hang": b"",
          "stuck": (HEAD % "500 Broken").encode()}
BY_CHANCE = ("500", "hang", "stuck")  # whose back-off is drawn
ALONE = 3      # instances
EARLY_MS = 60  # that a step may begin before its time


async def read_notes(w, notes):
    """Gather the notes of the fleet's failures: (at, until, failures)."""
    while True:
        text = await w.redis.ask("HVALS", "{fleet}:refused")
        words = text.split()
        if len(words) == 4:
            note = (int(words[1]), int(words[0]), int(words[2]))
            if not notes or notes[-1] != note:
                notes.append(note)
        await asyncio.sleep(0.1)


def judge_notes(w, notes, calls):
    """One call for each step, none before its time, and all are counted."""
    for before, after in zip(notes, notes[1:]):
        if after[0] < before[1] - EARLY_MS:
            w.bad("step", "a call failed %d ms before the step began" %
                  (before[1] - after[0]))
        if after[2] <= before[2]:
            w.bad("step", "failure %d after %d" % (after[2], before[2]))
    # the last call may be under way
    if not notes or not 0 <= calls - notes[-1][2] <= 1:
        w.bad("notes", "%d calls, %s failures noted" %
              (calls, notes[-1][2] if notes else "no"))


def judge_calls(w, fault, fleet, alone):
    most = max(alone) + 1
    if fault in BY_CHANCE:
        most += max(alone) // 2
    if not 1 <= fleet <= most:
        w.bad("calls", "%d of the fleet, %s of each alone" % (fleet, alone))


def add(w, group):
    """One more instance of those who share this key in Redis."""
    i = Instance(w, len(w.fleet), group=group)
    w.fleet.append(i)
    i.start()


async def fail(w, fault, warm):
    """The backend begins to fail; the calls from then on are counted."""
    a = w.arguments
    groups = ["alone%d" % n for n in range(ALONE)]
    # what is renewed soon is good for the whole run
    await w.begin(0, 600, options=[
        "--renew-at=1%-2%", "--wait-limit=200ms", "--timeout=1s",
        "--connect-timeout=900ms", "--redis-timeout=10s"])
    if warm:
        for group in groups + ["fleet"]:
            add(w, group)
        await w.ready()
    w.backend.delay = 3600 if fault == "hang" else 0
    w.backend.broken = FAULTS[fault]
    if fault == "stuck":
        for group in groups + ["fleet"]:
            await w.redis.ask("SET", "{%s}:lock" % group, "x", "PX", "600000")
    before, notes = len(w.backend.calls), []
    reader = asyncio.ensure_future(read_notes(w, notes))
    while len(w.fleet) < a.instances + ALONE:
        add(w, "fleet" if len(w.fleet) >= ALONE else groups[len(w.fleet)])
    if warm:
        await w.ready()
        w.perfect = True
    w.watch()
    began_at = time.monotonic()
    await asyncio.sleep(max(a.seconds, 20))  # renewals begin after 6 to 12
    calls = [key for _, key in w.backend.calls[before:]]
    fleet, alone = calls.count("fleet"), [calls.count(g) for g in groups]
    await asyncio.sleep(1.2)  # the note of a call that was under way
    reader.cancel()
    judge_calls(w, fault, fleet, alone)
    judge_notes(w, notes, [k for _, k in w.backend.calls].count("fleet") -
                warm)
    w.say("%s %s" % (fault, "warm" if warm else "cold"),
          seconds=time.monotonic() - began_at, calls=fleet,
          calls_of_one_alone=sum(alone) / len(alone), answers=w.answers)


def scenario(fault, warm):
    async def run(w):
        await fail(w, fault, warm)
    run.__doc__ = "%s, %s: the fleet makes the calls that one would make." % (
        {"500": "A backend that is broken",
         "429": "One that asks for ten minutes",
         "401": "Credentials that are refused",
         "hang": "A backend that does not answer",
         "stuck": "One that is broken and a lock that is stuck"}[fault],
        "while the old token is good" if warm else "and no token")
    return run


ALL = {"%s-%s" % (fault, "warm" if warm else "cold"): scenario(fault, warm)
       for fault in FAULTS for warm in (False, True)}
