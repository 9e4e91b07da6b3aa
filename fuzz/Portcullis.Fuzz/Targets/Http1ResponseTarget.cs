using System.Text;
using Portcullis.Gateway.Forwarding.Http1;

namespace Portcullis.Fuzz.Targets;

/// <summary>
/// Responses of upstreams: input is an octet that says what the request was, then all the upstream sends. They are shown to
/// the parser as a connection would, in pieces. For any octets it never throws, never claims more than it was shown, always
/// ends, and reads the same whatever the pieces are.
/// </summary>
internal sealed class Http1ResponseTarget : IFuzzTarget
{
    public string Name => "http1-response";

    public IReadOnlyList<string> Dictionary { get; } =
    [
        "\r\n", "\n", "\r", "\0", " ", "\t", ":", ";", ",", "=", "\"", "0", "f", "\r\n\r\n", "0\r\n\r\n", "Content-Length: 3\r\n", "Content-Length:",
        "Transfer-Encoding: chunked\r\n", "Connection: close\r\n", "HTTP/1.1 ", "HTTP/1.0 ", "HTTP/1.1 100 \r\n\r\n", "200", "204", "304", "7fffffffffffffff", "\u00ff",
    ];

    /// <summary>Of the first octet, bit 0 says that the request was HEAD, bit 1 that it asked for an upgrade, the others how large the pieces are.</summary>
    public void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
            return;

        var toHead = (input[0] & 1) != 0;
        var upgradeAsked = (input[0] & 2) != 0;
        var pieces = 1 + (input[0] >> 2);
        var data = input[1..];

        var whole = Read(data, data.Length, toHead, upgradeAsked);
        BrokenInvariantException.Unless(whole.IsLike(Read(data, 1, toHead, upgradeAsked)), "single octets are read as the whole is");
        BrokenInvariantException.Unless(whole.IsLike(Read(data, pieces, toHead, upgradeAsked)), "pieces are read as the whole is");
        BrokenInvariantException.Unless(whole.End != ParseStep.Invalid || whole.Error is { Length: > 0 }, "a refusal has a reason");
        BrokenInvariantException.Unless(!toHead || whole.Body.Length == 0, "a response to HEAD has no body");
    }

    /// <summary>Reads one message, and stops where it ends.</summary>
    /// <param name="data">All the upstream sends, including what it sends after the message.</param>
    /// <param name="piece">Octets that arrive at a time.</param>
    public static Outcome Read(ReadOnlySpan<byte> data, int piece, bool toHead, bool upgradeAsked)
    {
        var parser = new ResponseParser();
        parser.Begin(toHead, upgradeAsked);
        var body = new StringBuilder();
        var inBody = false;
        var used = 0;
        var shown = 0;
        while (true)
        {
            var rest = data[used..shown];
            ReadOnlySpan<byte> content = default;
            var step = inBody ? parser.ReadBody(rest, out var consumed, out content) : parser.ReadHead(rest, out consumed);
            BrokenInvariantException.Unless(consumed >= 0 && consumed <= rest.Length, "no more is claimed than was shown");
            BrokenInvariantException.Unless(step is not ParseStep.Data || (consumed >= content.Length && !content.IsEmpty), "a piece of body has octets");
            used += consumed;
            body.Append(Encoding.Latin1.GetString(content));
            switch (step)
            {
                case ParseStep.Head:
                    inBody = true;
                    if (parser.Framing == BodyFraming.Upgraded)
                        return Ended(parser, step, used, body);
                    break;
                case ParseStep.Invalid or ParseStep.End:
                    return Ended(parser, step, used, body);
                case ParseStep.NeedMore when shown == data.Length:
                    return Ended(parser, step, used, body);
                case ParseStep.NeedMore:
                    shown = Math.Min(data.Length, shown + Math.Max(1, piece));
                    break;
            }
        }
    }

    private static Outcome Ended(ResponseParser parser, ParseStep step, int used, StringBuilder body)
    {
        var fields = new StringBuilder();
        foreach (var (name, values) in parser.Fields)
            fields.Append(name).Append(": ").Append(values).Append('\n');
        foreach (var (name, values) in parser.Trailers)
            fields.Append("trailer ").Append(name).Append(": ").Append(values).Append('\n');

        // Where a refusal happens may depend on the pieces; that it happens may not.
        return step == ParseStep.Invalid
            ? new Outcome(step, 0, 0, string.Empty, string.Empty, KeepsAlive: false, parser.Error)
            : new Outcome(step, parser.StatusCode, used, body.ToString(), fields.ToString(), parser.KeepsAlive, null);
    }

    /// <summary>What became of one message.</summary>
    /// <param name="End"><see cref="ParseStep.NeedMore"/> when the octets ended first, <see cref="ParseStep.Head"/> after an upgrade.</param>
    internal sealed record Outcome(ParseStep End, int Status, int Used, string Body, string Fields, bool KeepsAlive, string? Error)
    {
        /// <summary>Equal but for the reason: of several faults, which is seen first depends on the pieces.</summary>
        public bool IsLike(Outcome other) => this with { Error = null } == other with { Error = null };
    }
}
