using System.Text;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Conformance;

/// <summary>Requests over HTTP/2 that RFC 9113 §8 calls malformed, through the whole gateway: none reaches the origin.</summary>
public sealed class ForbiddenHttp2Tests(ConformanceGateway gateway) : IClassFixture<ConformanceGateway>
{
    [Theory]
    [MemberData(nameof(ForbiddenHttp2.Heads), MemberType = typeof(ForbiddenHttp2))]
    public Task Malformed_head_does_not_reach_the_origin(string what, string fields) => CheckAsync(what, fields, [], null);

    [Theory]
    [MemberData(nameof(ForbiddenHttp2.Fields), MemberType = typeof(ForbiddenHttp2))]
    public Task Malformed_field_does_not_reach_the_origin(string what, string name, string value)
        => CheckAsync(what, ":method=GET|:scheme=http|:authority=a|:path=/seen", [(name, value)], null);

    [Theory]
    [MemberData(nameof(ForbiddenHttp2.Lengths), MemberType = typeof(ForbiddenHttp2))]
    public Task Content_of_another_length_does_not_reach_the_origin(string what, string[] lengths, string content)
        => CheckAsync(what, ":method=POST|:scheme=http|:authority=a|:path=/seen", [.. lengths.Select(length => ("content-length", length))], content);

    [Theory]
    [MemberData(nameof(ForbiddenHttp2.Trailers), MemberType = typeof(ForbiddenHttp2))]
    public Task Malformed_trailer_does_not_reach_the_origin(string what, string name, string value)
        => CheckAsync(what, ":method=POST|:scheme=http|:authority=a|:path=/seen", [], "abc", (name, value));

    /// <summary>RFC 9113 §8.3.1.</summary>
    [Theory]
    [InlineData("b")]
    [InlineData("a", "b")]
    [InlineData("a", "a")]
    [InlineData("")]
    public Task Host_that_is_not_the_authority_does_not_reach_the_origin(params string[] hosts)
        => CheckAsync(string.Join(',', hosts), ":method=GET|:scheme=http|:authority=a|:path=/seen", [.. hosts.Select(host => ("host", host))], null);

    [Theory]
    [InlineData("a")]
    [InlineData("A")]
    public async Task Host_that_is_the_authority_reaches_the_origin_once(params string[] hosts)
    {
        await using var client = await RawHttp2Client.ConnectAsync(gateway.Gateway.EndPoint());
        var reply = await client.ExchangeAsync(1, RawHttp2Client.Request(path: "/seen", authority: "a", more: [.. hosts.Select(host => ("host", host))]));
        var (requests, violations) = await gateway.ReachedAsync();

        Assert.Equal(200, reply.Status);
        Assert.Empty(violations);
        Assert.Equal("a", Assert.Single(requests)["Host"]);
    }

    private async Task CheckAsync(string what, string head, (string Name, string Value)[] more, string? content, (string Name, string Value)? trailer = null)
    {
        await using var client = await RawHttp2Client.ConnectAsync(gateway.Gateway.EndPoint());
        (string Name, string Value)[] fields = [.. head.Split('|').Select(field => (field[..field.IndexOf('=')], field[(field.IndexOf('=') + 1)..])), .. more];
        await client.SendHeadersAsync(1, fields, endStream: content is null);
        if (content is not null) await client.SendDataAsync(1, Encoding.Latin1.GetBytes(content), endStream: trailer is null);
        if (trailer is { } last) await client.SendHeadersAsync(1, [last]);
        var reply = await client.ReadReplyAsync(1);
        var (requests, violations) = await gateway.ReachedAsync();

        Assert.True(violations.Count == 0, $"{what}: {string.Join('\n', violations)}");
        Assert.True(requests.Count == 0, $"{what}: {string.Join('\n', requests)}");
        Assert.True(reply.IsCut || reply.Status is (>= 400 and < 500) or 501, $"{what}: {reply}");
    }
}
