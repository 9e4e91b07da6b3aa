"""As much of HTTP/2 as a client needs that does not behave (RFC 9113)."""
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM, ACK, END_HEADERS = 1, 1, 4
INITIAL_WINDOW_SIZE = 4
CANCEL = 8


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def settings(**values):
    return frame(SETTINGS, 0, 0, b"".join(struct.pack(">HI", {"window": INITIAL_WINDOW_SIZE}[name], value) for name, value in values.items()))


def reset(stream):
    return frame(RST_STREAM, 0, stream, struct.pack(">I", CANCEL))


def go_away(last):
    return frame(GOAWAY, 0, 0, struct.pack(">II", last, 0))


def window(stream, more):
    return frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", more))


def request(stream, method, scheme, authority, path, ends=True):
    """HEADERS with every field spelled out, which is the shortest way to write HPACK (RFC 7541 §6.2.2)."""
    block = b""
    for name, value in ((":method", method), (":scheme", scheme), (":authority", authority), (":path", path)):
        block += b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()
    return frame(HEADERS, END_HEADERS | (END_STREAM if ends else 0), stream, block)


async def read_frame(reader):
    """Kind, flags, stream, payload."""
    start = await reader.readexactly(9)
    kind, flags, stream = struct.unpack(">BBI", start[3:])
    return kind, flags, stream & 0x7FFFFFFF, await reader.readexactly(int.from_bytes(start[:3], "big"))
