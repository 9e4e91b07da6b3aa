using System.Net;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Routing;

namespace Portcullis.Gateway.Telemetry;

/// <summary>What is recorded of one request, whatever became of it. Holds references only to what the request had anyway.</summary>
public readonly record struct DecisionRecord
{
    public required DateTimeOffset Time { get; init; }

    public required string RequestId { get; init; }

    /// <summary>The <c>traceparent</c> towards the upstream. Its trace id is the request's id unless the client brought a trace or a tracer made one.</summary>
    public required string TraceParent { get; init; }

    public required string Listener { get; init; }

    /// <summary>Null where no route matched.</summary>
    public required string? Route { get; init; }

    public required string Method { get; init; }

    public required HostName Host { get; init; }

    /// <summary>The normalised path without query; empty where the target was malformed.</summary>
    public required ReadOnlyMemory<char> Path { get; init; }

    public required string Protocol { get; init; }

    public required int Status { get; init; }

    /// <summary>The public code of a refusal or failure; null where the request was let through and answered.</summary>
    public required string? Code { get; init; }

    /// <summary>Who is to blame for a refusal or failure; null where there was none.</summary>
    public required ForwardSide? Source { get; init; }

    /// <summary>Where it was refused or failed, in the words of <c>docs/life-of-a-request.md</c>.</summary>
    public string? Step { get; init; }

    /// <summary>The private cause of a refusal or failure.</summary>
    public required string? Cause { get; init; }

    /// <summary>What policies in shadow mode would have refused.</summary>
    public required string? Shadowed { get; init; }

    /// <summary>Who calls, as <c>Caller.Label</c> says it; null before authentication, empty for nobody.</summary>
    public required string? Caller { get; init; }

    /// <summary>The way by which the caller was identified, as the configuration calls it; null where nobody was.</summary>
    public string? AuthenticatedBy { get; init; }

    /// <summary>The id of the API key that was presented; null or empty for none.</summary>
    public string? KeyId { get; init; }

    /// <summary>The caller's tenant; null or empty for none.</summary>
    public string? Tenant { get; init; }

    /// <summary>Class of the route's data; null for none.</summary>
    public string? DataClass { get; init; }

    /// <summary>What that data is used for; null where the route does not say.</summary>
    public string? Purpose { get; init; }

    public required IPAddress Address { get; init; }

    public required TimeSpan Duration { get; init; }

    public required TimeSpan Upstream { get; init; }

    public required string? Destination { get; init; }

    public required long ResponseBytes { get; init; }

    /// <summary>What the rules of the firewall made of it; null where none ran.</summary>
    public WafDecision? Waf { get; init; }
}
