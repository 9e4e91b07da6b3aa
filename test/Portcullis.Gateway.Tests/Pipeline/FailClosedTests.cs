using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Telemetry;

namespace Portcullis.Gateway.Tests.Pipeline;

/// <summary>Whatever goes wrong in a policy or terminal, the request is refused and nothing of the upstream's answer gets out.</summary>
public sealed class FailClosedTests
{
    [Fact]
    public void A_verdict_that_was_never_set_refuses()
    {
        var verdict = default(Verdict);
        Assert.True(verdict.IsRefusal);
        Assert.False(verdict.IsContinue);
        Assert.False(verdict.IsResponded);
        Assert.Equal(RefusalCode.InternalError, verdict.Code);
    }
}
