#!/usr/bin/env python3
"""An upstream that breaks HTTP in every way that is known to happen, four requests in ten.

Usage: faults.py PORT SEED. Answers over HTTP/1.1 whatever is asked; the body repeats the path, so that a client sees whose answer it got.
"""
import asyncio
import random
import socket
import struct
import sys

HANG_SECONDS = 20
RESET = struct.pack("ii", 1, 0)  # SO_LINGER on, for no time: closing sends RST

FAULTS = []


def fault(weight):
    """Registers an answer that comes WEIGHT times in a thousand."""

    def register(function):
        FAULTS.extend([function] * weight)
        return function

    return register


def head(status, *fields):
    return "\r\n".join([f"HTTP/1.1 {status}", "Server: faults/1.0", *fields, "", ""]).encode()


def content(path):
    return (path + "\n").encode() * random.randrange(1, 60)


def chunked(body):
    middle = len(body) // 2
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:middle], body[middle:]) if part)


@fault(60)
def chunks(upstream, path):
    upstream.write(head("200 OK", "Transfer-Encoding: chunked") + chunked(content(path)) + b"0\r\n\r\n")


@fault(20)
def trailers(upstream, path):
    upstream.write(head("200 OK", "Transfer-Encoding: chunked", "Trailer: X-Sum") + chunked(content(path)) + b"0\r\nX-Sum: 1\r\n\r\n")


@fault(20)
def ends_with_the_connection(upstream, path):
    upstream.write(head("200 OK", "Connection: close") + content(path))
    upstream.close()


@fault(20)
def announces_its_end(upstream, path):
    whole(upstream, path, "Connection: close")
    upstream.close()


@fault(30)
def closes_a_kept_connection(upstream, path):
    whole(upstream, path)
    upstream.close()


@fault(20)
def resets_a_kept_connection(upstream, path):
    whole(upstream, path)
    asyncio.get_running_loop().call_later(0.002, upstream.reset)


@fault(20)
def closes_without_an_answer(upstream, _):
    upstream.close()


@fault(20)
def resets_without_an_answer(upstream, _):
    upstream.reset()


@fault(10)
def half_a_head(upstream, _):
    upstream.write(b"HTTP/1.1 200 OK\r\nContent-Le")
    upstream.close()


@fault(15)
def half_a_body(upstream, path):
    body = content(path)
    upstream.write(head("200 OK", f"Content-Length: {len(body) * 2}") + body)
    upstream.close()


@fault(15)
def half_a_body_and_a_reset(upstream, path):
    body = content(path)
    upstream.write(head("200 OK", f"Content-Length: {len(body) * 2}") + body)
    upstream.reset()


@fault(15)
def half_the_chunks(upstream, path):
    upstream.write(head("200 OK", "Transfer-Encoding: chunked") + chunked(content(path)))
    upstream.close()


@fault(10)
def a_bad_chunk_size(upstream, path):
    upstream.write(head("200 OK", "Transfer-Encoding: chunked") + chunked(content(path)) + random.choice((b"-1", b"0x5", b"5 5", b"fffffffffffffffff", b"")) + b"\r\nhello\r\n0\r\n\r\n")
    upstream.close()


@fault(5)
def a_chunk_longer_than_said(upstream, path):
    upstream.write(head("200 OK", "Transfer-Encoding: chunked") + b"5\r\n" + content(path) + b"\r\n0\r\n\r\n")


@fault(15)
def more_than_was_said(upstream, path):
    body = content(path)
    upstream.write(head("200 OK", f"Content-Length: {len(body)}") + body + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstolen")


@fault(5)
def two_lengths(upstream, path):
    body = content(path)
    upstream.write(head("200 OK", f"Content-Length: {len(body)}", f"Content-Length: {len(body) + 1}") + body)


@fault(5)
def length_and_chunks(upstream, path):
    upstream.write(head("200 OK", "Content-Length: 3", "Transfer-Encoding: chunked") + chunked(content(path)) + b"0\r\n\r\n")


@fault(5)
def no_number(upstream, path):
    upstream.write(head("200 OK", random.choice(("Content-Length: x", "Content-Length: -1", "Content-Length: 99999999999999999999"))) + content(path))


@fault(10)
def no_http(upstream, _):
    upstream.write(random.choice((b"SSH-2.0-OpenSSH_9.2\r\n", b"\0\1\2\3" * 50, b"HTTP/1.1 OK\r\n\r\n", b"HTTP/1.1 200 OK\nContent-Length: 0\n\n", b"HTTP/2 200 OK\r\n\r\n")))


@fault(5)
def a_huge_head(upstream, _):
    upstream.write(head("200 OK", *(f"X-{number}: {'a' * 1000}" for number in range(200)), "Content-Length: 0"))


@fault(5)
def a_forbidden_field(upstream, path):
    upstream.write(head("200 OK", random.choice(("X-A: a\0b", "X A: b", " folded: a", ": a"))) + content(path))


@fault(10)
def interim_answers(upstream, path):
    upstream.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * random.randrange(1, 4))
    whole(upstream, path)


@fault(3)
def another_protocol(upstream, _):
    upstream.write(head("101 Switching Protocols", "Connection: upgrade", "Upgrade: websocket") + b"\x81\x05hello")


@fault(5)
def a_body_where_none_may_be(upstream, path):
    upstream.write(head(random.choice(("204 No Content", "304 Not Modified"))) + content(path))


@fault(30)
def internal_error(upstream, path):
    body = content(path)
    upstream.write(head("500 Internal Server Error", f"Content-Length: {len(body)}") + body)


@fault(20)
def unavailable(upstream, _):
    upstream.write(head("503 Service Unavailable", "Retry-After: 1", "Content-Length: 0"))


@fault(5)
def a_trickle(upstream, path):
    body = content(path)[:40]
    upstream.write(head("200 OK", f"Content-Length: {len(body)}"))
    for number in range(len(body)):
        asyncio.get_running_loop().call_later(0.01 * number, upstream.write, body[number:number + 1])


@fault(3)
def hangs(upstream, _):
    upstream.hang()


@fault(3)
def hangs_in_the_body(upstream, path):
    body = content(path)
    upstream.write(head("200 OK", f"Content-Length: {len(body) + 1}") + body)
    upstream.hang()


@fault(2)
def hangs_in_the_head(upstream, _):
    upstream.write(b"HTTP/1.1 200 OK\r\nContent-")
    upstream.hang()


def whole(upstream, path, *fields):
    body = content(path)
    upstream.write(head("200 OK", "Content-Type: text/plain", f"Content-Length: {len(body)}", *fields) + body)


FAULTS.extend([whole] * (1000 - len(FAULTS)))


class Upstream(asyncio.Protocol):
    """One connection of the gateway's."""

    def __init__(self):
        self.transport = None
        self.received = b""

    def connection_made(self, transport):
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data):
        self.received += data
        while not self.transport.is_closing():
            end = self.received.find(b"\r\n\r\n")
            if end < 0:
                return
            length = self.body_length(end)
            if length is None or len(self.received) < end + 4 + length:
                return
            path = self.received.split(b" ", 2)[1].decode("latin-1")
            self.received = self.received[end + 4 + length:]
            random.choice(FAULTS)(self, path)

    def body_length(self, end):
        """How long the body is, framing included; None where its end has not come."""
        fields = self.received[:end].lower()
        if b"\r\ntransfer-encoding:" in fields:
            last = self.received.find(b"0\r\n\r\n", end + 4)
            return None if last < 0 else last + 5 - end - 4
        at = fields.find(b"\r\ncontent-length:")
        return 0 if at < 0 else int(fields[at + 17:].split(b"\r\n", 1)[0])

    def write(self, data):
        if not self.transport.is_closing():
            self.transport.write(data)

    def close(self):
        self.transport.close()

    def reset(self):
        if not self.transport.is_closing():
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self.transport.abort()

    def hang(self):
        asyncio.get_running_loop().call_later(HANG_SECONDS, self.transport.abort)


async def main():
    random.seed(int(sys.argv[2]))
    server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", int(sys.argv[1]), backlog=4096)
    await server.serve_forever()


asyncio.run(main())
