using System.Buffers;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Addresses;

namespace Portcullis.Fuzz.Targets;

/// <summary>
/// The PROXY protocol header: input is the first octets of a connection. Whatever they are, the answer does not depend on how
/// they arrive, a header is never longer than what was shown, and once there is an answer more octets do not change it.
/// </summary>
internal sealed class ProxyHeaderTarget : IFuzzTarget
{
    public string Name => "proxy-header";

    public IReadOnlyList<string> Dictionary { get; } =
    [
        "PROXY ", "TCP4 ", "TCP6 ", "UNKNOWN", "\r\n", "\n", " ", "127.0.0.1", "203.0.113.7", "::1", "2001:db8::1", "::ffff:1.2.3.4", "0", "65535", "65536", "01", "-1",
        "\r\n\r\n\0\r\nQUIT\n", "\x21", "\x20", "\x11", "\x21\x11\0\f", "\x21\x21\0$", "GET / HTTP/1.1\r\n",
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        var whole = ProxyProtocolHeader.Parse(input);
        BrokenInvariantException.Unless(whole.Length >= 0 && whole.Length <= input.Length, "a header lies within what was shown");
        BrokenInvariantException.Unless(whole.Outcome == ProxyProtocolOutcome.Present || whole.Length == 0, "only a complete header has a length");
        BrokenInvariantException.Unless(whole.Source is null || whole.Outcome == ProxyProtocolOutcome.Present, "an address comes with a header only");

        var pieces = Split(input, input.Length / 2);
        BrokenInvariantException.Unless(ProxyProtocolHeader.Parse(pieces) == whole, "pieces read as the whole");
        for (var length = 0; length < input.Length; length++)
        {
            var earlier = ProxyProtocolHeader.Parse(input[..length]);
            BrokenInvariantException.Unless(
                earlier.Outcome == ProxyProtocolOutcome.Incomplete || earlier == whole || earlier.Outcome == ProxyProtocolOutcome.Present,
                "an answer stays when more arrives");
            if (earlier.Outcome != ProxyProtocolOutcome.Incomplete) return;
        }
    }

    private static ReadOnlySequence<byte> Split(ReadOnlySpan<byte> input, int at)
    {
        var first = new Piece(input[..at].ToArray(), 0);
        var second = first.Append(input[at..].ToArray());
        return new ReadOnlySequence<byte>(first, 0, second, second.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, long index)
        {
            Memory = memory;
            RunningIndex = index;
        }

        public Piece Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
