using System.Globalization;
using System.Text;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Fields;
using Portcullis.Gateway.Forwarding.Http1;

namespace Portcullis.Fuzz.Targets;

/// <summary>
/// Requests of clients: input is an octet that chooses limits and pieces, then all the client sends, one request behind the other. For any
/// octets the parser never throws, never claims more than it was shown, reads the same whatever the pieces are and whatever it read before,
/// and takes only what another reader (<see cref="RawRequest"/>) understands in the same way.
/// </summary>
internal sealed class Http1RequestTarget : IFuzzTarget
{
    private static readonly RequestLimits Usual = new(8 * 1024, 32 * 1024, 100);
    private static readonly RequestLimits Small = new(64, 256, 8);

    public string Name => "http1-request";

    public IReadOnlyList<string> Dictionary { get; } =
    [
        "\r\n", "\n", "\r", "\0", " ", "\t", ":", ";", ",", "=", "\"", "0", "f", "\r\n\r\n", "0\r\n\r\n", "Host: a\r\n", "Content-Length: 3\r\n", "Content-Length:",
        "Transfer-Encoding: chunked\r\n", "Transfer-Encoding:", "Connection: close\r\n", "Expect: 100-continue\r\n", "Upgrade: x\r\n", "Trailer: x\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "POST ", "HEAD ", "CONNECT ", " HTTP/1.1\r\n", " HTTP/1.0\r\n", " HTTP/2.0\r\n", "/", "*", "http://a/", "%00",
        "7fffffffffffffff", "9223372036854775807", "\u0080", "\u00ff", "\u007f", "x: ", " :", "\r\n ", "\r\n\t",
    ];

    /// <summary>Of the first octet, bit 0 chooses small limits, the others the pieces.</summary>
    public void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
            return;

        var limits = (input[0] & 1) != 0 ? Small : Usual;
        var data = input[1..];

        var whole = Read(data, limits, static left => left, reuses: false);
        BrokenInvariantException.Unless(whole == Read(data, limits, static left => left, reuses: true), "a parser used before reads as a new one does");
        BrokenInvariantException.Unless(whole == Read(data, limits, static _ => 1, reuses: true), "single octets are read as the whole is");
        var random = new Random(input[0]);
        for (var i = 0; i < 2; i++)
            BrokenInvariantException.Unless(whole == Read(data, limits, _ => random.Next(1, 64), reuses: true), "pieces are read as the whole is");
    }

    /// <summary>Reads all requests, until the octets end or one of them is refused.</summary>
    /// <param name="data">All the client sends.</param>
    /// <param name="piece">How many octets arrive next, of how many that have not.</param>
    /// <param name="reuses">Whether one parser reads all requests.</param>
    private static Outcome Read(ReadOnlySpan<byte> data, RequestLimits limits, Func<int, int> piece, bool reuses)
    {
        var requests = new StringBuilder();
        var parser = new RequestParser();
        var chunks = new ChunkedDecoder(keepsAllTrailers: true);
        var arrival = new Arrival { Total = data.Length, Piece = piece };
        while (true)
        {
            if (!reuses) (parser, chunks) = (new RequestParser(), new ChunkedDecoder(keepsAllTrailers: true));
            parser.Begin();
            var start = arrival.Used;
            var step = ReadHead(parser, limits, data, arrival);
            if (step != ParseStep.Head)
                return arrival.End(step, requests);

            if (parser.Defect is not null)
                return arrival.End(ParseStep.Invalid, requests);

            var head = Describe(parser);
            BrokenInvariantException.Unless(head == RawRequest.ReadHead(data[start..arrival.Used], limits), "an accepted head says what its octets say");
            HoldRewritten(parser, head, limits);
            requests.Append(head);
            if (RequestHeaderRules.CheckMessage(parser.Fields, parser.Method, parser.IsHttp11) is not null)
                return arrival.End(ParseStep.Invalid, requests);

            BrokenInvariantException.Unless(!parser.HasCoding || parser.Fields.ContentLength is null, "no request has both framings");
            BrokenInvariantException.Unless(!parser.HasCoding || parser.IsHttp11, "HTTP/1.0 knows no coding");
            BrokenInvariantException.Unless(!parser.IsHttp11 || parser.Fields.Host.Count == 1, "HTTP/1.1 has exactly one Host");
            step = parser.HasCoding ? ReadChunks(chunks, data, arrival, requests) : Skip(parser.Fields.ContentLength ?? 0, arrival);
            if (step != ParseStep.End)
                return arrival.End(step, requests);
        }
    }

    private static ParseStep ReadHead(RequestParser parser, in RequestLimits limits, ReadOnlySpan<byte> data, Arrival arrival)
    {
        var start = arrival.Used;
        while (true)
        {
            var rest = data[arrival.Used..arrival.Shown];
            var step = parser.Read(rest, limits, out var consumed);
            arrival.Take(consumed);
            switch (step)
            {
                case ParseStep.Invalid:
                    BrokenInvariantException.Unless(parser.Status is 400 or 414 or 431 or 505 && parser.Error.Length > 0, "a refusal has its status and reason");
                    return step;
                case ParseStep.Head:
                    return step;
            }

            BrokenInvariantException.Unless(step == ParseStep.NeedMore, "there is nothing else in a head");
            var isWaiting = arrival.Shown - arrival.Used;
            BrokenInvariantException.Unless(isWaiting <= Math.Max(limits.RequestLineOctets, limits.HeaderOctets) + 1, "no line is held beyond its limit");
            BrokenInvariantException.Unless(arrival.Shown - start <= limits.Most, "no head is held beyond its limit");
            if (!arrival.More())
                return ParseStep.NeedMore;
        }
    }

    private static ParseStep ReadChunks(ChunkedDecoder chunks, ReadOnlySpan<byte> data, Arrival arrival, StringBuilder requests)
    {
        chunks.Restart();
        var start = arrival.Used;
        var body = new StringBuilder();
        while (true)
        {
            var rest = data[arrival.Used..arrival.Shown];
            var ahead = chunks.ContentAhead;
            var step = chunks.Next(rest, out var consumed, out var content);
            arrival.Take(consumed);
            body.Append(Encoding.Latin1.GetString(content));
            BrokenInvariantException.Unless(content.Length <= consumed, "content is part of what is claimed");
            BrokenInvariantException.Unless(chunks.ContentAhead >= 0 && (ahead == 0 || content.Length <= ahead), "no chunk is longer than its size");
            switch (step)
            {
                case ParseStep.Data:
                    BrokenInvariantException.Unless(!content.IsEmpty, "a piece of body has octets");
                    break;
                case ParseStep.End when chunks.Trailers.ContainsKey("Content-Length"):
                    return ParseStep.Invalid; // as RequestBody says
                case ParseStep.End:
                    HoldRewritten(chunks, body.ToString());
                    var whole = $"{body}\n{Describe(chunks.Trailers)}";
                    BrokenInvariantException.Unless(whole == RawRequest.ReadChunks(data[start..arrival.Used]), "an accepted body says what its octets say");
                    requests.Append(whole);
                    return step;
                case ParseStep.NeedMore:
                    BrokenInvariantException.Unless(arrival.Shown - arrival.Used <= ResponseParser.MaximumHead, "no framing is held beyond its limit");
                    if (arrival.More())
                        break;
                    requests.Append(body);
                    return step;
                default:
                    BrokenInvariantException.Unless(step == ParseStep.Invalid && chunks.Error is { Length: > 0 }, "a refusal has a reason");
                    return step;
            }
        }
    }

    private static ParseStep Skip(long length, Arrival arrival)
    {
        var isWhole = length <= arrival.Total - arrival.Used;
        arrival.Used = isWhole ? arrival.Used + (int)length : arrival.Total;
        arrival.Shown = Math.Max(arrival.Shown, arrival.Used);
        return isWhole ? ParseStep.End : ParseStep.NeedMore;
    }

    /// <summary>What was understood, written down again, is understood as the same.</summary>
    private static void HoldRewritten(RequestParser parser, string head, in RequestLimits limits)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{parser.Method} {parser.Target} HTTP/1.{(parser.IsHttp11 ? 1 : 0)}\r\n");
        Write(parser.Fields, text);
        var again = new RequestParser();
        again.Begin();
        var octets = Encoding.Latin1.GetBytes(text.Append("\r\n").ToString());
        BrokenInvariantException.Unless(again.Read(octets, limits, out var consumed) == ParseStep.Head && consumed == octets.Length, "an accepted head is accepted again");
        BrokenInvariantException.Unless(Describe(again) == head, "an accepted head means the same again");
    }

    private static void HoldRewritten(ChunkedDecoder chunks, string body)
    {
        var text = new StringBuilder();
        if (body.Length > 0)
            text.Append(CultureInfo.InvariantCulture, $"{body.Length:X}\r\n{body}\r\n");
        Write(chunks.Trailers, text.Append("0\r\n"));
        var octets = Encoding.Latin1.GetBytes(text.Append("\r\n").ToString());

        var again = new ChunkedDecoder(keepsAllTrailers: true);
        again.Restart();
        var used = 0;
        ReadOnlySpan<byte> content = default;
        if (body.Length > 0)
        {
            BrokenInvariantException.Unless(again.Next(octets, out used, out content) == ParseStep.Data, "a body is accepted again");
        }

        BrokenInvariantException.Unless(Encoding.Latin1.GetString(content) == body, "a body is the same again");
        BrokenInvariantException.Unless(again.Next(octets.AsSpan(used), out var consumed, out _) == ParseStep.End && used + consumed == octets.Length, "a body ends again");
        BrokenInvariantException.Unless(Describe(again.Trailers) == Describe(chunks.Trailers), "trailer fields are the same again");
    }

    private static void Write(FieldTable fields, StringBuilder text)
    {
        foreach (var (name, values) in fields)
        {
            foreach (var value in values)
                text.Append(name).Append(':').Append(value).Append("\r\n");
        }
    }

    private static string Describe(RequestParser parser)
        => $"{parser.Method} {parser.Target} {(parser.IsHttp11 ? "1.1" : "1.0")} coding={parser.HasCoding}\n{Describe(parser.Fields)}";

    private static string Describe(FieldTable fields)
    {
        var text = new StringBuilder();
        foreach (var (name, values) in fields)
            text.Append(name.ToLowerInvariant()).Append('=').AppendJoin('\n', values.ToArray()).Append('\n');
        return text.ToString();
    }

    /// <summary>Octets that arrive in pieces.</summary>
    private sealed class Arrival
    {
        public required int Total { get; init; }

        public required Func<int, int> Piece { get; init; }

        /// <summary>Octets that have been used.</summary>
        public int Used { get; set; }

        /// <summary>Octets that have arrived.</summary>
        public int Shown { get; set; }

        public void Take(int consumed)
        {
            BrokenInvariantException.Unless(consumed >= 0 && consumed <= Shown - Used, "no more is claimed than was shown");
            Used += consumed;
        }

        public bool More()
        {
            if (Shown == Total)
                return false;
            Shown = Math.Min(Total, Shown + Math.Max(1, Piece(Math.Min(Total - Shown, 256))));
            return true;
        }

        // Where a refusal happens may depend on the pieces; that it happens may not.
        public Outcome End(ParseStep step, StringBuilder requests) => new(step, step == ParseStep.Invalid ? 0 : Used, requests.ToString());
    }

    /// <summary>What became of all requests.</summary>
    /// <param name="End"><see cref="ParseStep.NeedMore"/> when the octets ended first.</param>
    private sealed record Outcome(ParseStep End, int Used, string Requests);
}
