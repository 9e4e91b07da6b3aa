namespace Portcullis.Gateway.Policies.Waf.Recording;

/// <summary>A request as it came, and what the rules made of it. Texts are Latin-1: each char is one octet.</summary>
public sealed record RecordedRequest
{
    /// <summary>The request's id; empty for one that never was sent.</summary>
    public string RequestId { get; init; } = string.Empty;

    public DateTimeOffset Time { get; init; }

    /// <summary>The listener it came to; empty where any will do.</summary>
    public string Listener { get; init; } = string.Empty;

    public string Scheme { get; init; } = "https";

    public string Address { get; init; } = "127.0.0.1";

    public required string Method { get; init; }

    public required string Target { get; init; }

    public string Protocol { get; init; } = "HTTP/1.1";

    /// <summary>The field lines, in order.</summary>
    public required IReadOnlyList<RecordedField> Fields { get; init; }

    /// <summary>The body as far as it was inspected.</summary>
    public byte[] Body { get; init; } = [];

    /// <summary>The public code of its refusal; null where it passed.</summary>
    public string? Code { get; init; }

    /// <summary>Ids of the rules that matched.</summary>
    public IReadOnlyList<long> Rules { get; init; } = [];

    /// <summary>Its anomaly score.</summary>
    public long Score { get; init; }
}
