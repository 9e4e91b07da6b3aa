#!/usr/bin/env python3
"""Has a .NET process do a full garbage collection, through its diagnostics socket, so that its heap is what is in use and no more.

Usage: collect.py PID. The protocol is in documentation/design-docs/ipc-protocol.md of dotnet/diagnostics.
"""
import glob
import socket
import struct
import sys
import tempfile

MAGIC = b"DOTNET_IPC_V1\0"
HEADER = 20
EVENT_PIPE = 2
STOP_TRACING = 1
COLLECT_TRACING_2 = 3
HEAP_COLLECT = 0x800000  # the keyword that has a collection done when a session begins
INFORMATIONAL = 4
NETTRACE = 1
NO_RUNDOWN = 0


def text(value):
    """A string of the protocol: its length in characters, then UTF-16, with the NUL."""
    return struct.pack("<I", len(value) + 1) + (value + "\0").encode("utf-16-le")


def connect(path):
    channel = socket.socket(socket.AF_UNIX)
    channel.settimeout(60)
    channel.connect(path)
    return channel


def send(channel, command, payload):
    channel.sendall(MAGIC + struct.pack("<HBBH", HEADER + len(payload), EVENT_PIPE, command, 0) + payload)


def answer(channel):
    length, _, status, _ = struct.unpack("<HBBH", receive(channel, HEADER)[len(MAGIC):])
    payload = receive(channel, length - HEADER)
    if status != 0:
        sys.exit(f"The process refuses: {payload.hex()}")
    return payload


def receive(channel, length):
    data = b""
    while len(data) < length:
        more = channel.recv(length - len(data))
        if not more:
            sys.exit("The process has closed its diagnostics socket.")
        data += more
    return data


def main():
    found = glob.glob(f"{tempfile.gettempdir()}/dotnet-diagnostic-{sys.argv[1]}-*-socket")
    if not found:
        sys.exit(f"Process {sys.argv[1]} has no diagnostics socket.")
    with connect(found[0]) as session, connect(found[0]) as control:
        provider = struct.pack("<QI", HEAP_COLLECT, INFORMATIONAL) + text("Microsoft-Windows-DotNETRuntime") + text("")
        send(session, COLLECT_TRACING_2, struct.pack("<IIBI", 16, NETTRACE, NO_RUNDOWN, 1) + provider)
        number = answer(session)

        # The session ends once all that it has to say has been taken.
        send(control, STOP_TRACING, number)
        while session.recv(65536):
            pass
        answer(control)


main()
