using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Tests.Connections.Http1;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Connections.Http2;

/// <summary>Responses of an application, frame by frame as a client gets them (RFC 9113 §8.1).</summary>
public sealed class Http2ResponseTests
{
    private const string Date = "Tue, 01 Jan 2030 00:00:00 GMT";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Head_and_body_leave_together_and_the_last_frame_ends_the_stream(bool flushes)
    {
        await using var listener = await Answer.ListenAsync(async context =>
        {
            context.Response().Headers.ContentLength = 5;
            if (flushes) await context.FlushAsync("hello");
            else context.Write("hello");
        });
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync([.. RawHttp2Client.Preface, .. RawHttp2Client.Settings((Http2Setting.HeaderTableSize, 0)), .. RawHttp2Client.Headers(1, RawHttp2Client.Request())]);

        // The server's preface leaves by itself; then come the acknowledgement and the response.
        var octets = new byte[1024];
        var first = await client.Stream.ReadAsync(octets).AsTask().WithPatience();
        var second = 9 + 36 + 13 < first ? octets.AsMemory(9 + 36 + 13, first - (9 + 36 + 13)) : octets.AsMemory(0, await client.Stream.ReadAsync(octets).AsTask().WithPatience());
        var text = Convert.ToHexString(second.Span);
        Assert.StartsWith("000000040100000000", text, StringComparison.Ordinal);
        Assert.EndsWith("000005000100000001" + Convert.ToHexString("hello"u8), text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fields_come_in_lower_case_with_date_and_length()
    {
        var reply = await ReplyAsync(static context =>
        {
            context.Response().StatusCode = 203;
            context.Response().Headers["X-Own"] = new StringValues(["a", "b"]);
            context.Response().Headers["Content-Type"] = "text/plain";
            context.Write("body");
            return Task.CompletedTask;
        });

        Assert.Equal([(":status", "203"), ("content-type", "text/plain"), ("x-own", "a"), ("x-own", "b"), ("content-length", "4"), ("date", Date)], Sorted(reply.Fields));
        Assert.Equal("body", reply.Text);
    }

    [Fact]
    public async Task Body_that_leaves_in_parts_has_no_length()
    {
        var frames = await FramesAsync(static async context =>
        {
            await context.FlushAsync("one");
            await context.FlushAsync(string.Empty);
            await context.FlushAsync("two");
        });

        Assert.DoesNotContain(PlainHpack.Decode(frames[0].Payload), field => field.Name == "content-length");
        Assert.Equal("onetwo", string.Concat(frames.Skip(1).Select(frame => System.Text.Encoding.ASCII.GetString(frame.Payload))));
        Assert.True(frames[^1].Payload.Length > 0, "an empty frame ends what a full one could have");
    }

    [Fact]
    public async Task Response_without_a_body_ends_with_its_head()
    {
        var frames = await FramesAsync(static _ => Task.CompletedTask);

        Assert.Equal((Http2FrameType.Headers, Http2Frame.EndStream | Http2Frame.EndHeaders), (frames.Single().Type, frames.Single().Flags));
        Assert.Contains(("content-length", "0"), PlainHpack.Decode(frames[0].Payload));
    }

    [Theory]
    [InlineData("HEAD", 200, 4, "4")]
    [InlineData("HEAD", 200, null, null)]
    [InlineData("HEAD", 204, null, null)]
    [InlineData("GET", 204, 4, null)]
    [InlineData("GET", 304, 4, "4")]
    [InlineData("GET", 304, null, null)]
    [InlineData("HEAD", 304, 4, "4")]
    public async Task Response_that_can_have_no_body_has_none_whatever_is_written(string method, int status, int? stated, string? told)
    {
        foreach (var flushes in new[] { false, true })
        {
            var frames = await FramesAsync(
                async context =>
                {
                    context.Response().StatusCode = status;
                    context.Response().Headers.ContentLength = stated;
                    if (flushes) await context.FlushAsync("body");
                    else context.Write("body");
                },
                method);

            Assert.DoesNotContain(frames, frame => frame.Payload.Length > 0 && frame.Type == Http2FrameType.Data);
            var fields = PlainHpack.Decode(frames[0].Payload);
            Assert.Contains((":status", $"{status}"), fields);
            Assert.Equal(told, fields.FirstOrDefault(field => field.Name == "content-length").Value);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public async Task Whole_body_of_another_length_than_stated_is_answered_500(int stated)
    {
        var reply = await ReplyAsync(context =>
        {
            context.Response().Headers.ContentLength = stated;
            context.Write("body");
            return Task.CompletedTask;
        });

        Assert.Equal((500, ""), (reply.Status, reply.Text));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(9)]
    public async Task Body_of_another_length_than_stated_resets_the_stream_where_a_part_has_left(int stated)
    {
        var reply = await ReplyAsync(async context =>
        {
            context.Response().Headers.ContentLength = stated;
            await context.FlushAsync("bo");
            context.Write("dy");
        });

        Assert.Equal((200, 2u), (reply.Status, reply.Reset));
        Assert.Equal("bo", reply.Text);
    }

    [Fact]
    public async Task Failure_is_answered_500_before_the_head_left_and_resets_the_stream_behind_it()
    {
        var early = await ReplyAsync(static context =>
        {
            context.Response().Headers["X-Own"] = "a";
            context.Write("half");
            throw new InvalidOperationException("on purpose");
        });
        Assert.Equal((500, "", null), (early.Status, early.Text, early["x-own"]));

        var late = await ReplyAsync(static async context =>
        {
            await context.FlushAsync("half");
            throw new InvalidOperationException("on purpose");
        });
        Assert.Equal((200, "half", 2u), (late.Status, late.Text, late.Reset));
    }

    [Fact]
    public async Task Abort_of_the_application_resets_the_stream()
    {
        var reply = await ReplyAsync(static context =>
        {
            context.GetRequiredFeature<IHttpRequestLifetimeFeature>().Abort();
            return Task.CompletedTask;
        });

        Assert.Equal((0, 2u), (reply.Status, reply.Reset));
    }

    /// <summary>RFC 9113 §8.2.2.</summary>
    [Fact]
    public async Task Connection_specific_fields_are_dropped()
    {
        var reply = await ReplyAsync(static context =>
        {
            var fields = context.Response().Headers;
            foreach (var name in (string[])["Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade"]) fields[name] = "x";
            fields["X-Own"] = "a";
            return Task.CompletedTask;
        });

        Assert.Equal([(":status", "200"), ("x-own", "a"), ("content-length", "0"), ("date", Date)], Sorted(reply.Fields));
    }

    [Theory]
    [MemberData(nameof(ResponseFailureTests.BadFields), MemberType = typeof(ResponseFailureTests))]
    public async Task Field_that_is_none_is_answered_500_and_in_trailers_resets_the_stream(string name, string value)
    {
        var reply = await ReplyAsync(async context =>
        {
            context.Response().Headers[name] = value;
            await context.FlushAsync("body");
        });
        Assert.Equal((500, ""), (reply.Status, reply.Text));

        var trailing = await ReplyAsync(async context =>
        {
            await context.FlushAsync("body");
            context.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers[name] = value;
        });
        Assert.Equal((200, 2u), (trailing.Status, trailing.Reset));
        Assert.Empty(trailing.Trailers);
    }

    [Theory]
    [InlineData("")]
    [InlineData("body")]
    public async Task Trailers_end_the_stream(string body)
    {
        var frames = await FramesAsync(context =>
        {
            context.Write(body);
            context.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers["X-Check"] = "sum";
            return Task.CompletedTask;
        });

        Assert.False(frames[0].EndsStream);
        Assert.DoesNotContain(PlainHpack.Decode(frames[0].Payload), field => field.Name == "content-length");
        Assert.Equal(body.Length == 0 ? 2 : 3, frames.Count);
        Assert.Equal((Http2FrameType.Headers, true), (frames[^1].Type, frames[^1].EndsStream));
        Assert.Equal([("x-check", "sum")], PlainHpack.Decode(frames[^1].Payload));
    }

    [Fact]
    public async Task Fields_beyond_a_frame_go_on_in_the_next()
    {
        await using var listener = await Answer.ListenAsync(static context =>
        {
            for (var i = 0; i < 5; i++) context.Response().Headers[$"X-{i}"] = new string('!', 10_000);
            return Task.CompletedTask;
        });
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendHeadersAsync(1, RawHttp2Client.Request());
        var frames = await client.ReadUntilAsync(frame => frame.Stream == 1 && frame.Has(Http2Frame.EndHeaders));
        var block = frames.Where(frame => frame.Stream == 1).ToList();

        Assert.All(block, frame => Assert.InRange(frame.Payload.Length, 1, 16_384));
        Assert.Equal(Http2FrameType.Headers, block[0].Type);
        Assert.All(block.Skip(1), frame => Assert.Equal(Http2FrameType.Continuation, frame.Type));
        Assert.Equal(5, PlainHpack.Decode([.. block.SelectMany(frame => frame.Payload)]).Count(field => field.Value.Length == 10_000));
        Assert.True(block[0].EndsStream);
        Assert.Equal(frames.IndexOf(block[0]) + block.Count, frames.Count);
    }

    [Fact]
    public async Task Response_may_end_before_its_application()
    {
        var over = new TaskCompletionSource();
        await using var listener = await Answer.ListenAsync(async context =>
        {
            context.Write("all");
            await context.GetRequiredFeature<IHttpResponseBodyFeature>().CompleteAsync();
            await over.Task;
        });
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);

        Assert.Equal("all", (await client.ExchangeAsync(1, RawHttp2Client.Request())).Text);
        over.SetResult();
    }

    private static async Task<Http2Reply> ReplyAsync(Func<IFeatureCollection, Task> handler)
    {
        await using var listener = await Answer.ListenAsync(handler, limits: new ListenerLimits());
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        return await client.ExchangeAsync(1, RawHttp2Client.Request());
    }

    private static async Task<List<Http2Frame>> FramesAsync(Func<IFeatureCollection, Task> handler, string method = "GET")
    {
        await using var listener = await Answer.ListenAsync(handler);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendHeadersAsync(1, RawHttp2Client.Request(method));
        return await client.ReadStreamAsync(1);
    }

    /// <summary>The status, what the application set by name, what was added.</summary>
    private static IEnumerable<(string Name, string Value)> Sorted(IEnumerable<(string Name, string Value)> fields)
        => fields.OrderBy(field => field.Name switch { ":status" => 0, "content-length" => 2, "date" => 3, _ => 1 }).ThenBy(field => field.Name is ":status" or "content-length" or "date" ? "" : field.Name, StringComparer.Ordinal);
}
