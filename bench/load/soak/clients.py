#!/usr/bin/env python3
"""Clients that break off, dawdle and reset, and some in between that look at what they get.

Usage: clients.py PLAIN_PORT TLS_PORT DIRECTORY SEED, with 1k and 1m as the backend has them in DIRECTORY. Until SIGTERM; then prints what was
done how often, and what should not have happened: an answer that is not the asked-for one, whole as it looks.
"""
import asyncio
import collections
import json
import random
import signal
import ssl
import sys

import frames
from connections import Connection, Cut, tls

TLS = int(sys.argv[2])
FILES = sys.argv[3]
QUICK_WORKERS, SLOW_WORKERS = 24, 48
ROUGH_STATUSES = {200, 204, 304, 500, 502, 503, 504, "HTTP/2"}  # of HTTP/2 the status is not read

DONE = collections.Counter()
STATUSES = collections.Counter()
WRONG = []

QUICK, SLOW = [], []
EXPECTED = {}


def quick(function):
    QUICK.append(function)
    return function


def slow(function):
    SLOW.append(function)
    return function


def wrong(what):
    DONE["wrong"] += 1
    if len(WRONG) < 20:
        WRONG.append(what)


def get(path, *fields):
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: localhost", *fields, "", ""]).encode()


def post(path, *fields):
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: localhost", *fields, "", ""]).encode()


def rough_path():
    return f"/{random.choice(('rough', 'faulty'))}/{random.getrandbits(64):x}"


def check_rough(path, status, body):
    """Whole answers of the fault upstream repeat the path; the gateway's own are problem documents."""
    STATUSES[status] += 1
    if status not in ROUGH_STATUSES:
        wrong(f"{path} was answered {status} {body[:200]!r}")
    elif status in (200, 500, "HTTP/2") and not ((path + "\n").encode() * 60).startswith(body):
        wrong(f"{path} was answered {status} with {body[:200]!r}")


@quick
async def good_requests():
    async with await Connection.open() as client:
        for _ in range(5):
            client.send(get("/1k"))
            status, body = await client.answer()
            if status != 200 or body != EXPECTED["1k"]:
                wrong(f"/1k over {client.scheme} was answered {status} {body[:200]!r}")


@quick
async def rough_requests():
    async with await Connection.open() as client:
        for _ in range(10):
            path = rough_path()
            client.send(get(path))
            check_rough(path, *await client.answer())


@quick
async def rough_uploads():
    async with await Connection.open() as client:
        for _ in range(3):
            path = rough_path()
            if random.random() < 0.5:
                client.send(post(path, "Content-Length: 3000") + b"x" * 3000)
            else:
                client.send(post(path, "Transfer-Encoding: chunked") + b"3e8\r\n" + b"x" * 1000 + b"\r\n0\r\n\r\n")
            check_rough(path, *await client.answer())


@quick
async def half_head_then_reset():
    async with await Connection.open() as client:
        client.send(get("/1k", "X-A: b")[:random.randrange(1, 40)])
        await asyncio.sleep(random.random() * 0.01)
        client.reset()


@quick
async def half_body_then_reset():
    async with await Connection.open() as client:
        client.send(post("/post", "Content-Length: 100000") + b"x" * random.randrange(1, 90000))
        await asyncio.sleep(random.random() * 0.02)
        client.reset()


@quick
async def half_chunks_then_end():
    async with await Connection.open() as client:
        client.send(post(random.choice(("/post", rough_path())), "Transfer-Encoding: chunked") + b"5\r\nhello\r\n5\r\nhel")
        await client.writer.drain()
        if client.scheme == "http":
            client.writer.write_eof()
        await asyncio.sleep(random.random() * 0.01)


@quick
async def half_answer_then_reset():
    async with await Connection.open() as client:
        client.send(get("/1m"))
        await client.reader.read(random.randrange(1, 200000))
        client.reset()


@quick
async def asks_and_is_gone():
    async with await Connection.open() as client:
        client.send(get(random.choice(("/1k", "/1m", rough_path()))))
        await asyncio.sleep(random.random() * 0.003)
        client.reset()


@quick
async def pipeline_then_reset():
    async with await Connection.open() as client:
        client.send(get("/1k") * 50)
        await client.reader.read(random.randrange(1, 20000))
        client.reset()


@quick
async def expects_and_is_gone():
    async with await Connection.open() as client:
        client.send(post(random.choice(("/post", rough_path())), "Content-Length: 10", "Expect: 100-continue"))
        await client.reader.read(1)
        if random.random() < 0.5:
            client.reset()


@quick
async def garbage():
    async with await Connection.open() as client:
        client.send(random.choice((random.randbytes(200), b"GET / HTTP/9.9\r\n\r\n", b"\r\n" * 100, b"GET  /1k HTTP/1.1\r\n\r\n", get("/1k", "Content-Length: 1", "Transfer-Encoding: chunked"))))
        await asyncio.wait_for(client.reader.read(), 1)


@quick
async def handshake_broken_off():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        tls("h2").wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
    except ssl.SSLWantReadError:
        hello = outgoing.read()
    reader, writer = await asyncio.open_connection("127.0.0.1", TLS)
    async with Connection(reader, writer, "http") as client:
        client.send(hello[:random.choice((1, 5, 100, len(hello)))])
        if random.random() < 0.5:
            await client.reader.read(random.randrange(1, 3000)) if random.random() < 0.5 else await asyncio.sleep(0.005)
        client.reset()


@quick
async def handshake_and_no_request():
    async with await Connection.open("https", random.choice(("h2", "http/1.1"))):
        pass


async def open_h2(**values):
    client = await Connection.open(None, "h2")
    client.send(frames.PREFACE + frames.settings(**values))
    return client


@quick
async def h2_rough_requests():
    async with await open_h2() as client:
        paths = {number * 2 + 1: rough_path() for number in range(10)}
        bodies = {stream: b"" for stream in paths}
        client.send(b"".join(frames.request(stream, "GET", client.scheme, "localhost", path) for stream, path in paths.items()))
        while bodies:
            kind, flags, stream, payload = await frames.read_frame(client.reader)
            if kind == frames.SETTINGS and not flags & frames.ACK:
                client.send(frames.frame(frames.SETTINGS, frames.ACK, 0))
            elif kind == frames.GOAWAY:
                break
            elif kind == frames.DATA and stream in bodies:
                bodies[stream] += payload
                if payload:
                    client.send(frames.window(0, len(payload)))
            if stream in bodies and kind == frames.RST_STREAM:
                del bodies[stream]
            elif stream in bodies and kind in (frames.DATA, frames.HEADERS) and flags & frames.END_STREAM:
                body = bodies.pop(stream)
                if not body.startswith(b"{"):
                    check_rough(paths[stream], "HTTP/2", body)


@quick
async def h2_streams_reset():
    async with await open_h2() as client:
        for number in range(20):
            stream = number * 2 + 1
            client.send(frames.request(stream, "GET", client.scheme, "localhost", random.choice(("/1m", "/1k", rough_path()))))
            if random.random() < 0.7:
                await asyncio.sleep(random.random() * 0.002)
            client.send(frames.reset(stream))
        if random.random() < 0.5:
            client.send(frames.go_away(0))
        await asyncio.sleep(0.01)


@quick
async def h2_connection_reset():
    async with await open_h2() as client:
        client.send(b"".join(frames.request(number * 2 + 1, "GET", client.scheme, "localhost", random.choice(("/1m", rough_path()))) for number in range(10)))
        await client.reader.read(random.randrange(1, 100000))
        client.reset()


@quick
async def h2_half_uploads():
    async with await open_h2() as client:
        for number in range(5):
            client.send(frames.request(number * 2 + 1, "POST", client.scheme, "localhost", random.choice(("/post", rough_path())), ends=False))
            client.send(frames.frame(frames.DATA, 0, number * 2 + 1, b"x" * random.randrange(0, 10000)))
        await asyncio.sleep(random.random() * 0.02)
        if random.random() < 0.5:
            client.send(b"".join(frames.reset(number * 2 + 1) for number in range(5)))
            await asyncio.sleep(0.002)


@quick
async def h2_garbage():
    async with await open_h2() as client:
        client.send(random.choice((frames.frame(frames.DATA, 0, 0, b"x"), frames.frame(frames.HEADERS, 4, 2, b"\xff" * 20), random.randbytes(100), frames.window(0, 0), frames.frame(frames.PING, 0, 1, b"x"))))
        await asyncio.wait_for(client.reader.read(), 1)


@slow
async def half_head_and_silence():
    async with await Connection.open() as client:
        client.send(get("/1k")[:20])
        await asyncio.wait_for(client.reader.read(), random.randrange(1, 14))


@slow
async def half_body_and_silence():
    async with await Connection.open() as client:
        client.send(post(random.choice(("/post", rough_path())), "Content-Length: 1000") + b"x" * 500)
        await asyncio.wait_for(client.reader.read(), random.randrange(1, 14))


@slow
async def idle():
    async with await Connection.open() as client:
        client.send(get("/1k"))
        await client.answer()
        await asyncio.sleep(random.randrange(1, 14))


@slow
async def reads_slowly():
    async with await Connection.open(receives=4096) as client:
        client.send(get("/1m"))
        for _ in range(random.randrange(10, 60)):
            if not await client.reader.read(2048):
                break
            await asyncio.sleep(0.2)


@slow
async def reads_nothing():
    async with await Connection.open(receives=4096) as client:
        client.writer.transport.pause_reading()
        client.send(get("/1m") * 3)
        await asyncio.sleep(random.randrange(1, 14))


@slow
async def handshake_and_silence():
    reader, writer = await asyncio.open_connection("127.0.0.1", TLS)
    async with Connection(reader, writer, "http") as client:
        client.send(b"\x16\x03\x01\x02\x00\x01")
        await asyncio.wait_for(client.reader.read(), random.randrange(1, 14))


@slow
async def h2_no_window():
    async with await open_h2(window=0) as client:
        client.send(b"".join(frames.request(number * 2 + 1, "GET", client.scheme, "localhost", "/1m") for number in range(5)))
        await asyncio.wait_for(client.reader.read(), random.randrange(1, 14))


@slow
async def h2_half_a_window():
    async with await open_h2() as client:
        client.send(b"".join(frames.request(number * 2 + 1, "GET", client.scheme, "localhost", "/1m") for number in range(3)))
        while True:
            await asyncio.wait_for(client.reader.readexactly(30000), 3)


async def work(behaviours, ended):
    while not ended.is_set():
        behaviour = random.choice(behaviours)
        name = behaviour.__name__
        try:
            await asyncio.wait_for(behaviour(), 20)
            DONE[name] += 1
        except (OSError, EOFError, Cut, TimeoutError, asyncio.TimeoutError, ssl.SSLError):
            DONE[f"{name}, cut"] += 1
        except Exception as error:  # what came is not HTTP
            wrong(f"{name}: {error!r}")


async def main():
    random.seed(int(sys.argv[4]))
    Connection.ports = {"http": int(sys.argv[1]), "https": TLS}
    for name in ("1k", "1m"):
        with open(f"{FILES}/{name}", "rb") as file:
            EXPECTED[name] = file.read()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda *_: None)  # broken TLS on transports that were given up
    ended = asyncio.Event()
    workers = [asyncio.create_task(work(behaviours, ended)) for behaviours, count in ((QUICK, QUICK_WORKERS), (SLOW, SLOW_WORKERS)) for _ in range(count)]
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()
    for worker in workers:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    print(json.dumps({"done": dict(sorted(DONE.items())), "statuses": {str(status): count for status, count in STATUSES.items()}, "wrong": WRONG}))


asyncio.run(main())
