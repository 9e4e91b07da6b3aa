using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Telemetry;

namespace Portcullis.Gateway.Tests.Telemetry;

public sealed class TraceContextTests
{
    private const string RequestId = "0af7651916cd43dd8448eb211c80319c";
    private const string TraceId = "12345678901234567890123456789012";
    private const string Parent = "00-" + TraceId + "-1234567890123456-";

    [Theory]
    [InlineData("00", "00")]
    [InlineData("01", "01")]
    [InlineData("02", "02")]
    [InlineData("03", "03")]
    [InlineData("0d", "01")]
    [InlineData("fe", "02")]
    [InlineData("ff", "03")]
    public void Sampled_and_random_flag_go_on_and_unknown_flags_do_not(string received, string sent)
    {
        var trace = TraceContext.Continue(Parent + received, default, RequestId);

        Assert.StartsWith("00-" + TraceId, trace.TraceParent, StringComparison.Ordinal);
        Assert.EndsWith("-" + sent, trace.TraceParent, StringComparison.Ordinal);
        Assert.DoesNotContain("1234567890123456-", trace.TraceParent[36..], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("00-00000000000000000000000000000000-1234567890123456-01")]
    [InlineData("00-" + TraceId + "-0000000000000000-01")]
    [InlineData("ff-" + TraceId + "-1234567890123456-01")]
    [InlineData("00-" + TraceId + "-1234567890123456-01-")]
    [InlineData("00-" + TraceId + "-1234567890123456-0G")]
    [InlineData("00-" + TraceId + "-1234567890123456-.0")]
    [InlineData("")]
    public void Malformed_parent_starts_a_trace_with_a_random_id(string received)
    {
        var trace = TraceContext.Continue(received, "a=1", RequestId);

        Assert.StartsWith("00-" + RequestId + "-", trace.TraceParent, StringComparison.Ordinal);
        Assert.EndsWith("-02", trace.TraceParent, StringComparison.Ordinal);
        Assert.Null(trace.TraceState);
    }

    public static TheoryData<string, bool> Keys => new()
    {
        { "foo", true },
        { "foo@", true },
        { "foo@@bar", true },
        { "foo@bar@baz", true },
        { "0_-*/@", true },
        { new string('t', 242) + "@v", true },
        { "t@" + new string('v', 15), true },
        { new string('z', 256), true },
        { new string('z', 257), false },
        { "@foo", false },
        { "Foo", false },
        { "_foo", false },
        { "foo bar", false },
        { "fo\u00f6", false },
    };

    [Theory]
    [MemberData(nameof(Keys))]
    public void Malformed_state_is_dropped_and_the_trace_kept(string key, bool kept)
    {
        var trace = TraceContext.Continue(Parent + "01", new StringValues(["bar=2", key + "=1"]), RequestId);

        Assert.StartsWith("00-" + TraceId, trace.TraceParent, StringComparison.Ordinal);
        Assert.Equal(kept ? $"bar=2,{key}=1" : null, trace.TraceState);
    }
}
