#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""delay.py PORT TO SECONDS: pass what comes to 127.0.0.1:PORT on to port TO,
and the answers back, each so many seconds late."""
import asyncio
import sys

PORT, TO, DELAY = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])


async def carry(reader, writer):
    loop = asyncio.get_running_loop()
    while data := await reader.read(65536):
        loop.call_later(DELAY, writer.write, data)
    loop.call_later(DELAY, writer.close)


async def accepted(reader, writer):
    to_reader, to_writer = await asyncio.open_connection("127.0.0.1", TO)
    await asyncio.gather(carry(reader, to_writer), carry(to_reader, writer))


async def main():
    server = await asyncio.start_server(accepted, "127.0.0.1", PORT)
    print("ready", flush=True)
    await server.serve_forever()


asyncio.run(main())
