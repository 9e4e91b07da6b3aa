using Portcullis.Gateway.Forwarding;

namespace Portcullis.Gateway.Tests.Forwarding;

public sealed class ForwardErrorsTests
{
    [Theory]
    [InlineData(ForwardError.NoDestination, 503, "upstream.unavailable", ForwardSide.Gateway, RetrySafety.Never, false)]
    [InlineData(ForwardError.CircuitOpen, 503, "upstream.unavailable", ForwardSide.Upstream, RetrySafety.Never, false)]
    [InlineData(ForwardError.Resolve, 502, "upstream.unavailable", ForwardSide.Upstream, RetrySafety.Always, true)]
    [InlineData(ForwardError.AddressForbidden, 502, "upstream.unavailable", ForwardSide.Upstream, RetrySafety.Always, true)]
    [InlineData(ForwardError.Connect, 502, "upstream.unavailable", ForwardSide.Upstream, RetrySafety.Always, true)]
    [InlineData(ForwardError.Tls, 502, "upstream.unavailable", ForwardSide.Upstream, RetrySafety.Always, true)]
    [InlineData(ForwardError.PoolExhausted, 503, "upstream.unavailable", ForwardSide.Gateway, RetrySafety.Always, false)]
    [InlineData(ForwardError.StaleConnection, 502, "upstream.unavailable", ForwardSide.Upstream, RetrySafety.IfIdempotent, false)]
    [InlineData(ForwardError.Send, 502, "upstream.unavailable", ForwardSide.Upstream, RetrySafety.IfIdempotent, true)]
    [InlineData(ForwardError.NoResponse, 502, "upstream.unavailable", ForwardSide.Upstream, RetrySafety.IfIdempotent, true)]
    [InlineData(ForwardError.InvalidResponse, 502, "upstream.unavailable", ForwardSide.Upstream, RetrySafety.IfIdempotent, true)]
    [InlineData(ForwardError.Timeout, 504, "upstream.timeout", ForwardSide.Upstream, RetrySafety.IfIdempotent, true)]
    [InlineData(ForwardError.ResponseBody, 502, "upstream.unavailable", ForwardSide.Upstream, RetrySafety.Never, true)]
    [InlineData(ForwardError.ResponseIdle, 504, "upstream.timeout", ForwardSide.Upstream, RetrySafety.Never, true)]
    [InlineData(ForwardError.ClientAborted, 499, "request.aborted", ForwardSide.Downstream, RetrySafety.Never, false)]
    [InlineData(ForwardError.RequestBody, 400, "request.malformed", ForwardSide.Downstream, RetrySafety.Never, false)]
    [InlineData(ForwardError.RequestTooLarge, 413, "request.too_large", ForwardSide.Downstream, RetrySafety.Never, false)]
    [InlineData(ForwardError.RequestTimeout, 408, "request.timeout", ForwardSide.Downstream, RetrySafety.Never, false)]
    [InlineData(ForwardError.ClientIdle, 499, "request.aborted", ForwardSide.Downstream, RetrySafety.Never, false)]
    [InlineData(ForwardError.Upgrade, 502, "upstream.unavailable", ForwardSide.Upstream, RetrySafety.Never, false)]
    public void Each_error_has_its_row(ForwardError error, int status, string code, ForwardSide side, RetrySafety retry, bool countsAgainstDestination)
    {
        var row = ForwardErrors.Of(error);
        Assert.Equal((status, code, side, retry, countsAgainstDestination), (row.Code.Status, row.Code.Code, row.Side, row.Retry, row.CountsAgainstDestination));
    }

    [Fact]
    public void No_error_is_without_a_row()
    {
        foreach (var error in Enum.GetValues<ForwardError>())
        {
            if (error == ForwardError.None) Assert.Throws<ArgumentOutOfRangeException>(() => ForwardErrors.Of(error));
            else Assert.NotNull(ForwardErrors.Of(error));
        }
    }
}
