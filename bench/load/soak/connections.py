"""Connections of clients, and as much of HTTP/1.1 as it takes to read an answer to its end."""
import asyncio
import random
import socket
import ssl
import struct

RESET = struct.pack("ii", 1, 0)  # SO_LINGER on, for no time: closing sends RST
CONTEXTS = {}


class Cut(Exception):
    """The answer has no end."""


class Connection:
    """One to the gateway, plain or over TLS, HTTP/1.1 or what ALPN says."""

    ports = {}  # by scheme

    def __init__(self, reader, writer, scheme):
        self.reader, self.writer, self.scheme = reader, writer, scheme

    @classmethod
    async def open(cls, scheme=None, protocol="http/1.1", receives=None):
        scheme = scheme or random.choice(("http", "https"))
        peer = socket.socket()
        peer.setblocking(False)
        if receives:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
        try:
            await asyncio.get_running_loop().sock_connect(peer, ("127.0.0.1", cls.ports[scheme]))
            context = {"ssl": tls(protocol), "server_hostname": "localhost"} if scheme == "https" else {}
            reader, writer = await asyncio.open_connection(sock=peer, limit=4096 if receives else 65536, **context)
        except BaseException:
            peer.close()
            raise
        return cls(reader, writer, scheme)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        self.writer.transport.abort()

    def send(self, data):
        self.writer.write(data)

    def reset(self):
        peer = self.writer.get_extra_info("socket")
        if peer is not None and peer.fileno() >= 0:  # else it has ended already
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.writer.transport.abort()

    async def answer(self, head_only=False):
        """Status and body of the next final answer."""
        while True:
            line = await self.reader.readline()
            if not line:
                raise Cut
            status = int(line.split(b" ")[1])
            fields = {}
            while (line := await self.reader.readline()) != b"\r\n":
                if not line:
                    raise Cut
                name, _, value = line.partition(b":")
                fields[name.lower()] = value.strip()
            if status >= 200:
                break
        if head_only or status in (204, 304):
            return status, b""
        if fields.get(b"transfer-encoding") == b"chunked":
            return status, await self.chunks()
        if b"content-length" in fields:
            return status, await self.reader.readexactly(int(fields[b"content-length"]))
        raise Cut

    async def chunks(self):
        body = b""
        while size := int((await self.reader.readline()) or b"?", 16):
            body += (await self.reader.readexactly(size + 2))[:-2]
        while (await self.reader.readline()) not in (b"\r\n", b""):
            pass
        return body


def tls(protocol):
    context = CONTEXTS.get(protocol)
    if not context:
        context = CONTEXTS[protocol] = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols([protocol])
    return context
