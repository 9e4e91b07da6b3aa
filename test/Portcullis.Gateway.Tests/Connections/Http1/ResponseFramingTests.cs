using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Fields;

namespace Portcullis.Gateway.Tests.Connections.Http1;

/// <summary>Responses of an application, octet by octet as a client gets them (RFC 9112 §6, §7.1).</summary>
public sealed class ResponseFramingTests
{
    private const string Head = "HTTP/1.1 200 OK\r\n";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Stated_length_frames_the_body(int flushes)
    {
        var response = await Answer.ToAsync(Answer.Get, async context =>
        {
            context.Response().Headers.ContentLength = 10;
            if (flushes == 2) await context.FlushAsync("01234");
            else context.Write("01234");
            context.Write("56789");
        });

        Assert.Equal(Head + "Content-Length: 10\r\n" + Answer.Date + "\r\n0123456789", response);
    }

    [Fact]
    public async Task Body_of_unknown_length_is_a_chunk_for_each_flush()
    {
        var response = await Answer.ToAsync(Answer.Get, async context =>
        {
            await context.FlushAsync("hello");
            await context.FlushAsync(string.Empty);
            context.Write("0123456789");
            await context.FlushAsync("0123456789abcdef");
            context.Write("rest");
        });

        Assert.Equal(Head + "Transfer-Encoding: chunked\r\n" + Answer.Date + "\r\n5\r\nhello\r\n1a\r\n01234567890123456789abcdef\r\n4\r\nrest\r\n0\r\n\r\n", response);
    }

    [Fact]
    public async Task Head_that_leaves_alone_is_followed_by_chunks()
    {
        var response = await Answer.ToAsync(Answer.Get, async context =>
        {
            await context.GetRequiredFeature<IHttpResponseBodyFeature>().StartAsync();
            await context.FlushAsync("x");
        });

        Assert.Equal(Head + "Transfer-Encoding: chunked\r\n" + Answer.Date + "\r\n1\r\nx\r\n0\r\n\r\n", response);
    }

    [Theory]
    [InlineData("hello", 5)]
    [InlineData("", 0)]
    public async Task Whole_body_without_a_length_gets_one(string body, int length)
    {
        var response = await Answer.ToAsync(Answer.Get, context =>
        {
            if (body.Length > 0) context.Write(body);
            return Task.CompletedTask;
        });

        Assert.Equal(Head + $"Content-Length: {length}\r\n" + Answer.Date + "\r\n" + body, response);
    }

    [Fact]
    public async Task Completed_response_takes_nothing_more()
    {
        var response = await Answer.ToAsync(Answer.Get + Answer.Get, async context =>
        {
            context.Write("all");
            await context.GetRequiredFeature<IHttpResponseBodyFeature>().CompleteAsync();
            Assert.True((await context.Writer().WriteAsync("more"u8.ToArray())).IsCompleted);
        });

        const string Once = Head + "Content-Length: 3\r\n" + Answer.Date + "\r\nall";
        Assert.Equal(Once + Once, response);
    }

    [Theory]
    [InlineData("HEAD", 200, 5L, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n")]
    [InlineData("HEAD", 200, null, "HTTP/1.1 200 OK\r\n")]
    [InlineData("GET", 204, 5L, "HTTP/1.1 204 No Content\r\n")]
    [InlineData("GET", 304, 5L, "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n")]
    [InlineData("GET", 304, null, "HTTP/1.1 304 Not Modified\r\n")]
    public async Task Response_that_has_no_body_drops_what_is_written_of_one(string method, int status, long? length, string head)
    {
        var response = await Answer.ToAsync($"{method} / HTTP/1.1\r\nHost: a\r\n\r\n{method} / HTTP/1.1\r\nHost: a\r\n\r\n", async context =>
        {
            context.Response().StatusCode = status;
            context.Response().Headers.ContentLength = length;
            await context.FlushAsync("hello");
            context.Write("more than that");
        });

        var once = head + Answer.Date + "\r\n";
        Assert.Equal(once + once, response);
    }

    [Theory]
    [InlineData("", "Content-Length: 3\r\nConnection: close\r\n")]
    [InlineData("Connection: keep-alive\r\n", "Content-Length: 3\r\nConnection: keep-alive\r\n")]
    public async Task Http10_keeps_the_connection_only_where_it_is_asked_to(string field, string expected)
    {
        var request = $"GET / HTTP/1.0\r\n{field}\r\n";
        Func<IFeatureCollection, Task> handler = context =>
        {
            context.Write("abc");
            return Task.CompletedTask;
        };
        var once = Head + expected + Answer.Date + "\r\nabc";

        if (field.Length == 0) Assert.Equal(once, await Answer.ToLastAsync(request + request, handler));
        else Assert.Equal(once + once, await Answer.ToAsync(request + request, handler));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Connection: keep-alive\r\n")]
    public async Task Http10_gets_no_chunks_but_a_body_until_the_end(string field)
    {
        var response = await Answer.ToLastAsync($"GET / HTTP/1.0\r\n{field}\r\n", async context =>
        {
            await context.FlushAsync("hello ");
            await context.FlushAsync("world");
        });

        Assert.Equal(Head + "Connection: close\r\n" + Answer.Date + "\r\nhello world", response);
    }

    [Theory]
    [InlineData("Connection: close\r\n", null)]
    [InlineData("", "close")]
    [InlineData("", "x, Close")]
    public async Task Last_response_says_so_once(string requestField, string? responseField)
    {
        var response = await Answer.ToLastAsync($"GET / HTTP/1.1\r\nHost: a\r\n{requestField}\r\n{Answer.Get}", context =>
        {
            context.Response().Headers.Connection = responseField;
            return Task.CompletedTask;
        });

        Assert.Equal(Head + "Content-Length: 0\r\nConnection: close\r\n" + Answer.Date + "\r\n", response);
    }

    [Fact]
    public async Task Framing_of_an_application_is_not_passed_on()
    {
        var response = await Answer.ToAsync(Answer.Get, context =>
        {
            var fields = context.Response().Headers;
            fields.TransferEncoding = "gzip";
            fields["kEEP-aLIVE"] = "timeout=5";
            fields.Connection = "keep-alive";
            fields["X-Own"] = "a";
            return Task.CompletedTask;
        });

        Assert.Equal(Head + "X-Own: a\r\nContent-Length: 0\r\n" + Answer.Date + "\r\n", response);
    }

    [Fact]
    public async Task Fields_leave_in_their_order_a_line_for_each_value()
    {
        var response = await Answer.ToAsync(Answer.Get, context =>
        {
            context.Response().StatusCode = 299;
            context.Response().ReasonPhrase = "Nearly";
            var fields = Assert.IsType<FieldTable>(context.Response().Headers);
            fields.AddLine("x-octets"u8, null, "a\tb"u8, FieldTraits.None);
            fields["Set-Cookie"] = new StringValues(["a=1", "b=2"]);
            fields["X-Latin"] = "\u00e4\t\u00ff";
            fields["date"] = "some day";
            return Task.CompletedTask;
        });

        Assert.Equal("HTTP/1.1 299 Nearly\r\nx-octets: a\tb\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Latin: \u00e4\t\u00ff\r\ndate: some day\r\nContent-Length: 0\r\n\r\n", response);
    }

    [Theory]
    [InlineData(2 * 1024 - 100)]
    [InlineData(2 * 1024)]
    [InlineData(3 * 1024)]
    [InlineData(4 * 1024)]
    [InlineData(5 * 1024)]
    [InlineData(40 * 1024)]
    public async Task Head_of_any_length_stands_before_its_body(int length)
    {
        // Lengths around those where the head no longer fits before the body, and where it needs more than a block.
        var large = new string('h', length);
        var body = new string('b', 9000);
        for (var chunked = 0; chunked < 2; chunked++)
        {
            var response = await Answer.ToAsync(Answer.Get + Answer.Get, async context =>
            {
                context.Response().Headers["X-Large"] = large;
                context.Write(body);
                if (chunked == 1) await context.FlushAsync(string.Empty);
                if (chunked == 1) context.Write("end");
            });

            var once = chunked == 1
                ? $"{Head}X-Large: {large}\r\nTransfer-Encoding: chunked\r\n{Answer.Date}\r\n2328\r\n{body}\r\n3\r\nend\r\n0\r\n\r\n"
                : $"{Head}X-Large: {large}\r\nContent-Length: 9000\r\n{Answer.Date}\r\n{body}";
            Assert.Equal(once + once, response);
        }
    }

    [Theory]
    [InlineData(16 * 1024)]
    [InlineData(17 * 1024)]
    [InlineData(65 * 1024)]
    [InlineData(300 * 1024)]
    public async Task Large_span_is_sent_whole(int length)
    {
        var large = Pattern(length);
        var small = Pattern(100);
        var response = await Answer.ToAsync(Answer.Get + Answer.Get, async context =>
        {
            await context.FlushAsync(large);
            context.Write(small);
            await context.FlushAsync(large);
            await context.Writer().WriteAsync(Encoding.Latin1.GetBytes(small));
        });

        var both = length + 100;
        var once = $"{Head}Transfer-Encoding: chunked\r\n{Answer.Date}\r\n{length:x}\r\n{large}\r\n{both:x}\r\n{small}{large}\r\n64\r\n{small}\r\n0\r\n\r\n";
        Assert.Equal(once + once, response);
        Assert.Equal($"{Head}Content-Length: {length}\r\n{Answer.Date}\r\n{large}", await Answer.ToAsync(Answer.Get, context =>
        {
            context.Write(large);
            return Task.CompletedTask;
        }));
    }

    [Fact]
    public async Task Memory_may_be_filled_to_its_last_octet()
    {
        var sizes = new List<int>();
        var response = await Answer.ToAsync(Answer.Get, async context =>
        {
            for (var i = 0; i < 3; i++)
            {
                var memory = context.Writer().GetMemory();
                sizes.Add(memory.Length);
                memory.Span.Fill((byte)('a' + i));
                context.Writer().Advance(memory.Length);
                if (i < 2) await context.Writer().FlushAsync();
            }
        });

        var chunks = string.Concat(sizes.Select((size, i) => $"{size:x}\r\n{new string((char)('a' + i), size)}\r\n"));
        Assert.Equal(Head + "Transfer-Encoding: chunked\r\n" + Answer.Date + "\r\n" + chunks + "0\r\n\r\n", response);
    }

    [Fact]
    public async Task Octets_that_are_not_flushed_are_known()
    {
        var response = await Answer.ToAsync(Answer.Get, async context =>
        {
            Assert.Equal(0, context.Writer().UnflushedBytes);
            context.Write("abc");
            Assert.Equal(3, context.Writer().UnflushedBytes);
            Assert.False(context.Response().HasStarted);
            await context.Writer().FlushAsync();
            Assert.Equal(0, context.Writer().UnflushedBytes);
            Assert.True(context.Response().HasStarted);
        });

        Assert.StartsWith(Head, response, StringComparison.Ordinal);
    }

    private static string Pattern(int length) => string.Create(length, 0, static (span, _) =>
    {
        for (var i = 0; i < span.Length; i++) span[i] = (char)('!' + (i * 31 % 90));
    });
}
