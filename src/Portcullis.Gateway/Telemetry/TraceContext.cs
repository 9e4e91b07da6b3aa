using System.Buffers;
using System.Diagnostics;
using Microsoft.Extensions.Primitives;

namespace Portcullis.Gateway.Telemetry;

/// <summary>
/// The trace a request belongs to, as it goes on to the upstream (W3C Trace Context, level 2).
/// A malformed or repeated <c>traceparent</c> starts a new trace; a malformed <c>tracestate</c> is dropped, the trace kept.
/// </summary>
/// <param name="TraceParent">The field's value towards the upstream, with this hop as the parent.</param>
/// <param name="TraceState">The field's value towards the upstream; null: none.</param>
public readonly record struct TraceContext(string TraceParent, string? TraceState)
{
    private const int Length = 55;
    private const int Sampled = 1;

    /// <summary>The trace id's last 56 bits are random (§3.2.2.5.2).</summary>
    private const int RandomTraceId = 2;

    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdef");

    /// <summary>32 lower-case hexadecimal digits; empty for <c>default</c>.</summary>
    public ReadOnlySpan<char> TraceId => TraceParent is null ? default : TraceParent.AsSpan(3, 32);

    /// <summary>16 lower-case hexadecimal digits that name this hop.</summary>
    public ReadOnlySpan<char> SpanId => TraceParent is null ? default : TraceParent.AsSpan(36, 16);

    public bool IsSampled => TraceParent is not null && (TraceParent[54] & 1) == 1;

    /// <summary>Continues the client's trace, or starts one whose id is <paramref name="requestId"/>.</summary>
    public static TraceContext Continue(StringValues traceParent, StringValues traceState, string requestId)
    {
        if (traceParent.Count != 1 || !IsValid(traceParent[0])) return Start(requestId);

        // The two flags of level 2; the others are unknown and must be sent as 0 (§3.2.2.5).
        var flags = FlagsOf(traceParent[0]![54]) & (Sampled | RandomTraceId);
        return new(Compose(traceParent[0].AsSpan(3, 32), flags), Telemetry.TraceState.Normalise(traceState));
    }

    /// <summary>A new trace; its id is the request's id, which is random.</summary>
    public static TraceContext Start(string requestId) => new(Compose(requestId, RandomTraceId), null);

    /// <summary>The trace as the tracer sees it, where one listens: this hop is <paramref name="activity"/>.</summary>
    public TraceContext With(Activity activity) => this with
    {
        TraceParent = $"00-{activity.TraceId.ToHexString()}-{activity.SpanId.ToHexString()}-0{(FlagsOf(TraceParent[54]) & RandomTraceId) | (activity.Recorded ? Sampled : 0)}",
    };

    /// <summary>Whether the value is a <c>traceparent</c> that must be taken up (§3.2.2; versions above 00 by their first fields, §4.3).</summary>
    internal static bool IsValid(ReadOnlySpan<char> value)
    {
        if (value.Length < Length || value[2] != '-' || value[35] != '-' || value[52] != '-') return false;
        if (!IsHex(value[..2]) || value is ['f', 'f', ..]) return false;
        if (value.Length > Length && (value is ['0', '0', ..] || value[Length] != '-')) return false;
        return IsHex(value.Slice(3, 32)) && value.Slice(3, 32).ContainsAnyExcept('0')
            && IsHex(value.Slice(36, 16)) && value.Slice(36, 16).ContainsAnyExcept('0')
            && IsHex(value.Slice(53, 2));
    }

    private static bool IsHex(ReadOnlySpan<char> value) => !value.ContainsAnyExcept(Hexadecimal);

    private static int FlagsOf(char digit) => digit <= '9' ? digit - '0' : digit - 'a' + 10;

    private static string Compose(ReadOnlySpan<char> traceId, int flags)
    {
        return string.Create(Length, new Parts(traceId, flags), static (text, parts) =>
        {
            "00-".CopyTo(text);
            parts.TraceId.CopyTo(text[3..]);
            text[35] = '-';
            Identifiers.WriteSpanId(text.Slice(36, 16));
            text[52] = '-';
            text[53] = '0';
            text[54] = (char)('0' + parts.Flags);
        });
    }

    private readonly ref struct Parts(ReadOnlySpan<char> traceId, int flags)
    {
        public ReadOnlySpan<char> TraceId { get; } = traceId;

        public int Flags { get; } = flags;
    }
}
