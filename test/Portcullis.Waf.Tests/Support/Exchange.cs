using System.Text;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Tests.Support;

/// <summary>A request and its response, as text of which each character is a byte.</summary>
internal sealed record Exchange
{
    public string Method { get; init; } = "GET";

    public string Target { get; init; } = "/";

    public string Protocol { get; init; } = "HTTP/1.1";

    public string Client { get; init; } = "192.0.2.7";

    public (string Name, string Value)[] Headers { get; init; } = [];

    public string Body { get; init; } = "";

    public int Status { get; init; } = 200;

    public (string Name, string Value)[] ResponseHeaders { get; init; } = [("Content-Type", "text/html")];

    public string ResponseBody { get; init; } = "";

    public static Exchange Form(string body) => new() { Method = "POST", Headers = [("Content-Type", "application/x-www-form-urlencoded")], Body = body };

    /// <summary>All phases in a transaction of its own.</summary>
    public Outcome Run(RuleSet rules, InspectionOptions? options = null, PersistentCollections? collections = null, TimeProvider? clock = null)
    {
        var settings = rules.Prepare(options ?? new InspectionOptions(), out var errors);
        Assert.Empty(errors);
        using var transaction = rules.Begin(settings!, collections, clock);
        return Run(transaction);
    }

    /// <summary>Compiles rules and runs all phases.</summary>
    public Outcome Run(string rules, InspectionOptions? options = null, PersistentCollections? collections = null, TimeProvider? clock = null)
        => Run(SecRules.Compile(rules), options, collections, clock);

    /// <summary>All phases in a transaction that has begun.</summary>
    public Outcome Run(Transaction transaction)
    {
        transaction.Connection(Bytes(Client), 40000, "198.51.100.1"u8, 443);
        transaction.RequestLine(Bytes(Method), Bytes(Target), Bytes(Protocol));
        foreach (var (name, value) in Headers) transaction.RequestHeader(Bytes(name), Bytes(value));
        var interruption = transaction.ProcessRequestHeaders();
        if (interruption is null)
        {
            if (transaction.WantsRequestBody) transaction.AppendRequestBody(Bytes(Body));
            interruption = transaction.ProcessRequestBody();
        }

        if (interruption is null)
        {
            transaction.ResponseStatus(Status, "HTTP/1.1"u8);
            foreach (var (name, value) in ResponseHeaders) transaction.ResponseHeader(Bytes(name), Bytes(value));
            interruption = transaction.ProcessResponseHeaders();
        }

        if (interruption is null)
        {
            if (transaction.WantsResponseBody) transaction.AppendResponseBody(Bytes(ResponseBody));
            transaction.ProcessResponseBody();
        }

        transaction.ProcessLogging();
        return new Outcome([.. transaction.Hits], transaction.Interruption, transaction.Suppressed, transaction.Fault, transaction.InboundScore);
    }

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}
