using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Forwarding;

/// <summary>The one table of what each <see cref="ForwardError"/> means: to the client, to retries and to the destination's health.</summary>
internal static class ForwardErrors
{
    private static readonly Row[] Rows = Build();

    /// <summary>What the error means. <see cref="ForwardError.None"/> has no row.</summary>
    public static Row Of(ForwardError error) => Rows[(int)error] ?? throw new ArgumentOutOfRangeException(nameof(error), error, "has no row");

    private static Row[] Build()
    {
        var rows = new Row[Enum.GetValues<ForwardError>().Length];

        void Add(ForwardError error, RefusalCode code, ForwardSide side, RetrySafety retry, bool countsAgainstDestination)
            => rows[(int)error] = new Row(code with { Source = side }, side, retry, countsAgainstDestination);

        Add(ForwardError.NoDestination, RefusalCode.UpstreamOverloaded, ForwardSide.Gateway, RetrySafety.Never, false);
        Add(ForwardError.CircuitOpen, RefusalCode.UpstreamOverloaded, ForwardSide.Upstream, RetrySafety.Never, false);
        Add(ForwardError.Resolve, RefusalCode.UpstreamUnavailable, ForwardSide.Upstream, RetrySafety.Always, true);
        Add(ForwardError.AddressForbidden, RefusalCode.UpstreamUnavailable, ForwardSide.Upstream, RetrySafety.Always, true);
        Add(ForwardError.Connect, RefusalCode.UpstreamUnavailable, ForwardSide.Upstream, RetrySafety.Always, true);
        Add(ForwardError.Tls, RefusalCode.UpstreamUnavailable, ForwardSide.Upstream, RetrySafety.Always, true);
        Add(ForwardError.PoolExhausted, RefusalCode.UpstreamOverloaded, ForwardSide.Gateway, RetrySafety.Always, false);
        Add(ForwardError.StaleConnection, RefusalCode.UpstreamUnavailable, ForwardSide.Upstream, RetrySafety.IfIdempotent, false);
        Add(ForwardError.Send, RefusalCode.UpstreamUnavailable, ForwardSide.Upstream, RetrySafety.IfIdempotent, true);
        Add(ForwardError.NoResponse, RefusalCode.UpstreamUnavailable, ForwardSide.Upstream, RetrySafety.IfIdempotent, true);
        Add(ForwardError.InvalidResponse, RefusalCode.UpstreamUnavailable, ForwardSide.Upstream, RetrySafety.IfIdempotent, true);
        Add(ForwardError.Timeout, RefusalCode.UpstreamTimeout, ForwardSide.Upstream, RetrySafety.IfIdempotent, true);
        Add(ForwardError.ResponseBody, RefusalCode.UpstreamUnavailable, ForwardSide.Upstream, RetrySafety.Never, true);
        Add(ForwardError.ResponseIdle, RefusalCode.UpstreamTimeout, ForwardSide.Upstream, RetrySafety.Never, true);
        Add(ForwardError.ClientAborted, RefusalCode.ClientClosed, ForwardSide.Downstream, RetrySafety.Never, false);
        Add(ForwardError.RequestBody, RefusalCode.RequestMalformed, ForwardSide.Downstream, RetrySafety.Never, false);
        Add(ForwardError.RequestTooLarge, RefusalCode.RequestTooLarge, ForwardSide.Downstream, RetrySafety.Never, false);
        Add(ForwardError.RequestTimeout, RefusalCode.RequestTimeout, ForwardSide.Downstream, RetrySafety.Never, false);
        Add(ForwardError.ClientIdle, RefusalCode.ClientClosed, ForwardSide.Downstream, RetrySafety.Never, false);
        Add(ForwardError.Upgrade, RefusalCode.UpstreamUnavailable, ForwardSide.Upstream, RetrySafety.Never, false);
        return rows;
    }

    /// <summary>One row of the table.</summary>
    /// <param name="Code">What the client is told while nothing has been sent to it.</param>
    /// <param name="Side">Who is to blame.</param>
    /// <param name="Retry">When another try is safe.</param>
    /// <param name="CountsAgainstDestination">Whether passive health and the circuit breaker count it.</param>
    internal sealed record Row(RefusalCode Code, ForwardSide Side, RetrySafety Retry, bool CountsAgainstDestination);
}
