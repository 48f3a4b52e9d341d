# SPDX-License-Identifier: MIT
"""
parts.py: real bearerd instances, a real Redis, and a backend that counts.

The backend is in this process, so that every token, when it was issued, to
whom and how long it lives are known when an answer is judged.  It is also the
instances' proxy: all have one API key, since a token belongs to the credentials
that it was got with, and each has a name of its own as the proxy's user, another
one after each start, by which the backend knows it.
"""
import asyncio
import base64
import os
import random
import secrets
import signal
import socket
import subprocess
import time

SPREAD = 0.5     # seconds in which every instance must hear of a new token
PATIENCE = 10    # seconds after which a caller gives up
taken = set()


def free_port():
    """A port below the range that the kernel takes for outgoing connections."""
    while True:
        port = random.SystemRandom().randrange(20000, 32000)
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if port in taken:
                continue
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
            taken.add(port)
            return port


class Token:
    """What the backend knows of a token that it issued."""

    def __init__(self, number, called_at, life):
        self.number, self.called_at, self.life = number, called_at, life
        self.issued_at = time.monotonic()
        self.killed_at = None  # the backend does not honour it any more

    def alive(self, now):
        return now < self.called_at + self.life and \
            (self.killed_at is None or now < self.killed_at + SPREAD)

    def served_until(self):
        """When bearerd must stop handing it out: the reserve is kept back."""
        return self.called_at + self.life - \
            min(30.0, max(1.0, self.life / 10))


class Backend:
    """Issues tokens; may be slow, broken, or kill the token before."""

    def __init__(self, life, exclusive=False):
        self.life, self.exclusive = life, exclusive
        self.issued = {}  # text: Token
        self.calls = []   # (when, key)
        self.busy = self.busy_max = 0
        self.delay, self.broken = 0.0, None
        self.newest = None
        self.news = asyncio.Event()
        self.on_call = lambda key: None

    async def start(self):
        self.server = await asyncio.start_server(
            self.serve, "127.0.0.1", 0, backlog=1000)
        self.port = self.server.sockets[0].getsockname()[1]

    async def serve(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                at = time.monotonic()
                self.busy += 1
                self.busy_max = max(self.busy, self.busy_max)
                try:
                    writer.write(await self.answer(at, head))
                    await writer.drain()
                finally:
                    self.busy -= 1
        except (asyncio.IncompleteReadError, asyncio.CancelledError,
                ConnectionError):
            pass
        finally:
            writer.close()

    async def answer(self, at, head):
        user = head.split(b"roxy-Authorization: Basic ")[1].split(b"\r")[0]
        key = base64.b64decode(user).decode().split(":")[0]
        self.calls.append((at, key))
        self.on_call(key)
        broken = self.broken
        await asyncio.sleep(self.delay)
        if broken is not None:
            return broken
        text = "fleet-%d-%s" % (len(self.calls), secrets.token_hex(8))
        if self.exclusive and self.newest is not None:
            self.issued[self.newest].killed_at = time.monotonic()
        self.issued[text] = Token(len(self.issued) + 1, at, self.life)
        self.newest = text
        self.news.set()
        self.news = asyncio.Event()
        body = '{"token":"%s","expires_in":%g}' % (text, self.life)
        return ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                "Content-Length: %d\r\n\r\n%s" % (len(body), body)).encode()

    def gaps(self):
        """Seconds between one call and the next."""
        times = [at for at, _ in self.calls]
        return [y - x for x, y in zip(times, times[1:])]

    def own_gaps(self, since=0):
        """The same between two calls of one instance."""
        last, gaps = {}, []
        for at, key in self.calls:
            if key in last and at >= since:
                gaps.append(at - last[key])
            last[key] = at
        return gaps


class Redis:
    def __init__(self, folder):
        self.folder, self.port, self.process = folder, free_port(), None

    async def start(self, *options):
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1",
             "--save", "", "--appendonly", "no", "--dir", self.folder,
             "--tcp-backlog", "1000", *options],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL)
        while await self.ask("PING") != "PONG":
            await asyncio.sleep(0.02)

    def signal(self, number):
        self.process.send_signal(number)

    def end(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.process = None

    async def ask(self, *words):
        p = await asyncio.create_subprocess_exec(
            "redis-cli", "-h", "127.0.0.1", "-p", str(self.port), *words,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return (await p.communicate())[0].decode().strip()

    async def info(self, section, name):
        text = await self.ask("INFO", section)
        return int(text.split(name + ":")[1].split()[0])


class Instance:
    """One bearerd: a master, a worker, a refresher."""

    def __init__(self, world, number, clock=0, group=None):
        self.world, self.number = world, number
        self.group = group  # those who share a token and its credentials
        self.key, self.lives = "", 0
        self.port, self.admin = free_port(), free_port()
        self.shm = "/bearerd-fleet-%d-%d" % (os.getpid(), number)
        self.log = os.path.join(world.folder, "%d.log" % number)
        self.clock_file = self.log + ".clock"
        self.step_clock(clock)
        self.process = None
        self.generation = 0   # of the last answer
        self.token = None     # likewise
        self.had = {}         # token: when it was first served
        self.pipe = None
        self.started_at = 0
        self.well_at = 0      # since then its processes run; inf: one is stopped
        self.down = True      # we killed it

    def step_clock(self, seconds):
        with open(self.clock_file + ".new", "w", encoding="ascii") as f:
            f.write("%+d" % seconds)
        os.rename(self.clock_file + ".new", self.clock_file)
        self.offset = seconds

    def start(self):
        w = self.world
        self.lives += 1
        self.key = self.group or "%d.%d" % (self.number, self.lives)
        backend = "http://127.0.0.1:%d" % w.backend.port
        env = {"PATH": os.environ["PATH"], "BASE_URL": backend,
               "API_KEY": self.group or "fleet", "BEARERD_PROXY": backend,
               "BEARERD_PROXY_USER": self.key, "BEARERD_PROXY_PASSWORD": "x"}
        env.update(w.redis_environment)
        if w.faketime:
            # it reads its file from every process, whenever it is asked
            env.update(BEARERD_SANDBOX="off",
                       LD_PRELOAD=w.faketime, FAKETIME_NO_CACHE="1",
                       FAKETIME_TIMESTAMP_FILE=self.clock_file,
                       FAKETIME_DONT_FAKE_MONOTONIC="1",
                       FAKETIME_DISABLE_SHM="1")
        self.started_at, self.down = time.monotonic(), False
        with open(self.log, "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [w.program, "--workers=1", "--max-token-size=1024",
                 "--listen=127.0.0.1:%d" % self.port,
                 "--admin-listen=127.0.0.1:%d" % self.admin,
                 "--shm-name=" + self.shm, "--drain-timeout=1s",
                 "--redis-key=" + (self.group or "token"), *w.options],
                env=env, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=log, start_new_session=True)

    def children(self, title):
        pid = self.process.pid
        found = []
        try:
            with open("/proc/%d/task/%d/children" % (pid, pid),
                      encoding="ascii") as f:
                for child in f.read().split():
                    with open("/proc/%s/cmdline" % child, encoding="ascii",
                              errors="replace") as c:
                        if title in c.read():
                            found.append(int(child))
        except OSError:
            pass
        return found

    def signal(self, title, number):
        for pid in self.children(title):
            try:
                os.kill(pid, number)
            except OSError:
                pass

    def kill(self):
        """All of its processes at once."""
        self.down = True
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        # what libfaketime leaves behind
        for name in ("/faketime_shm_%d", "/sem.faketime_sem_%d"):
            self.unlink(name % self.process.pid)

    def sleep(self):
        """As when its host is suspended: no process goes on."""
        self.down = True
        os.killpg(self.process.pid, signal.SIGSTOP)

    def wake(self):
        os.killpg(self.process.pid, signal.SIGCONT)
        self.started_at, self.down = time.monotonic(), False

    def forget(self):
        """Its memory is gone, too: the next one is a new host."""
        self.tidy()
        self.generation, self.token = 0, None

    def end(self):
        self.down = True
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGCONT)
            self.process.send_signal(signal.SIGTERM)

    def reap(self):
        if self.process is None:
            return
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def tidy(self):
        self.unlink(self.shm)

    @staticmethod
    def unlink(name):
        try:
            os.unlink("/dev/shm" + name)
        except OSError:
            pass

    async def ask(self, request=None, port=None):
        """
        Status, fields and body; None when nobody answers.  Over one connection
        that is kept, or one of its own to the port that is named.
        """
        try:
            return await asyncio.wait_for(self.exchange(
                request or b"GET /token HTTP/1.1\r\nHost: localhost\r\n\r\n", port),
                PATIENCE)
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
            if port is None and self.pipe is not None:
                self.pipe[1].close()
                self.pipe = None
            return None

    async def exchange(self, request, port):
        pipe = self.pipe if port is None else None
        if pipe is None:
            pipe = await asyncio.open_connection("127.0.0.1",
                                                 port or self.port)
        if port is None:
            self.pipe = pipe
        reader, writer = pipe
        try:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
            fields = dict(line.lower().split(": ", 1)
                          for line in head.split("\r\n")[1:] if line)
            body = await reader.readexactly(
                int(fields.get("content-length", 0)))
            return int(head.split(" ")[1]), fields, body.decode("ascii")
        finally:
            if port is not None:
                writer.close()

    async def report(self, token):
        """The backend refuses this token, says a caller."""
        return await self.ask(
            ("DELETE /token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
             "Authorization: Bearer %s\r\n\r\n" % token).encode(), self.port)
