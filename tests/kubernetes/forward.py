#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
forward.py: make a server of the loopback reachable at another address.
    forward.py ADDRESS PORT LOOPBACK-PORT
"""
import asyncio
import sys

address, port, inner = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


async def pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    writer.close()


async def client(reader, writer):
    to_reader, to_writer = await asyncio.open_connection("127.0.0.1", inner)
    await asyncio.gather(pump(reader, to_writer), pump(to_reader, writer))


async def main():
    server = await asyncio.start_server(client, address, port)
    await server.serve_forever()


asyncio.run(main())
