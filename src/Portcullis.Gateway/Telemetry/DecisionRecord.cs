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

    public required IPAddress Address { get; init; }

    public required TimeSpan Duration { get; init; }

    public required TimeSpan Upstream { get; init; }

    public required string? Destination { get; init; }

    public required long ResponseBytes { get; init; }

    /// <summary>What the rules of the firewall made of it; null where none ran.</summary>
    public WafDecision? Waf { get; init; }
}
