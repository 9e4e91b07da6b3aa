using Microsoft.AspNetCore.Http.Features;

namespace Portcullis.Gateway.Tests.Connections.Http1;

/// <summary>What an application gets wrong is never made good by guessing: 500 while nothing has left, and else the end of the connection.</summary>
public sealed class ResponseFailureTests
{
    private const string InternalError = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n" + Answer.Date + "\r\n";

    public static TheoryData<string, string> BadFields => new()
    {
        { "X-Own", "a\r\nX-Other: b" },
        { "X-Own", "a\nb" },
        { "X-Own", "a\rb" },
        { "X-Own", "a\0b" },
        { "X-Own", "a\u007fb" },
        { "X-Own", "\u0100" },
        { "X Own", "a" },
        { "X-Own\r\nX-Other", "a" },
        { "X-Own:", "a" },
    };

    [Theory]
    [MemberData(nameof(BadFields))]
    public async Task Field_that_would_be_read_as_another_line_is_answered_500(string name, string value)
    {
        foreach (var body in new[] { string.Empty, "body" })
        {
            var unflushed = await Answer.ToAsync(Answer.Get + Answer.Get, context =>
            {
                context.Response().Headers[name] = value;
                context.Write(body);
                return Task.CompletedTask;
            });
            Assert.Equal(InternalError + InternalError, unflushed);

            var flushed = await Answer.ToAsync(Answer.Get + Answer.Get, async context =>
            {
                context.Response().Headers[name] = value;
                await Assert.ThrowsAsync<InvalidOperationException>(() => context.FlushAsync(body));
                throw new InvalidOperationException("as an application does");
            });
            Assert.Equal(InternalError + InternalError, flushed);
        }
    }

    [Fact]
    public async Task Reason_phrase_that_would_be_read_as_another_line_is_answered_500()
    {
        var response = await Answer.ToAsync(Answer.Get, context =>
        {
            context.Response().ReasonPhrase = "Fine\r\nX-Other: b";
            return Task.CompletedTask;
        });

        Assert.Equal(InternalError, response);
    }

    [Fact]
    public async Task Application_may_answer_anew_after_a_field_was_refused()
    {
        var response = await Answer.ToAsync(Answer.Get, async context =>
        {
            context.Response().Headers["X-Own"] = "a\r\nb";
            await Assert.ThrowsAsync<InvalidOperationException>(() => context.FlushAsync("what nobody is to see"));
            context.Response().Headers.Clear();
            context.Response().Headers.ContentLength = 4;
            await context.FlushAsync("sane");
        });

        Assert.Equal("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n" + Answer.Date + "\r\nsane", response);
    }

    [Fact]
    public async Task Failure_drops_what_was_written_and_the_fields()
    {
        var response = await Answer.ToAsync(Answer.Get + Answer.Get, context =>
        {
            context.Response().StatusCode = 201;
            context.Response().ReasonPhrase = "Made";
            context.Response().Headers["X-Own"] = "a";
            context.Response().Headers.ContentLength = 100;
            context.Write("half");
            throw new InvalidOperationException("on purpose");
        });

        Assert.Equal(InternalError + InternalError, response);
    }

    [Fact]
    public async Task Failure_behind_the_head_cuts_the_connection()
    {
        var response = await Answer.CutAsync(Answer.Get, async context =>
        {
            await context.FlushAsync("half");
            throw new InvalidOperationException("on purpose");
        });

        Assert.DoesNotContain("0\r\n\r\n", response, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_shorter_than_stated_cuts_the_connection()
    {
        var response = await Answer.CutAsync(Answer.Get + Answer.Get, async context =>
        {
            context.Response().Headers.ContentLength = 5;
            await context.FlushAsync("half");
        });

        Assert.DoesNotContain("500", response, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_longer_than_stated_cuts_the_connection_before_more_than_stated_left()
    {
        var caught = new TaskCompletionSource<Exception?>();
        var response = await Answer.CutAsync(Answer.Get + Answer.Get, async context =>
        {
            context.Response().Headers.ContentLength = 3;
            await context.FlushAsync("abc");
            caught.TrySetResult(await Record.ExceptionAsync(() => context.FlushAsync("d")));
        });

        Assert.IsType<InvalidOperationException>(await caught.Task);
        Assert.DoesNotContain("abcd", response, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hal")]
    [InlineData("halves")]
    public async Task Whole_body_that_is_not_as_long_as_stated_is_answered_500(string body)
    {
        var response = await Answer.ToAsync(Answer.Get + Answer.Get, context =>
        {
            context.Response().Headers.ContentLength = 4;
            context.Write(body);
            return Task.CompletedTask;
        });

        Assert.Equal(InternalError + InternalError, response);
    }

    [Fact]
    public async Task Advancing_beyond_the_memory_throws()
    {
        var response = await Answer.ToAsync(Answer.Get, context =>
        {
            var writer = context.Writer();
            Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(1));
            var memory = writer.GetMemory(100);
            Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(memory.Length + 1));
            Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(-1));
            Assert.Equal(0, writer.UnflushedBytes);
            context.Write("abc");
            return Task.CompletedTask;
        });

        Assert.Equal("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n" + Answer.Date + "\r\nabc", response);
    }

    [Fact]
    public async Task Fields_are_set_at_the_last_moment_by_who_asked_to()
    {
        foreach (var flushes in new[] { false, true })
        {
            var order = new List<string>();
            var response = await Answer.ToAsync(Answer.Get, async context =>
            {
                context.Response().OnStarting(_ => Note("second"), context);
                context.Response().OnStarting(
                    _ =>
                    {
                        context.Response().Headers["X-Own"] = "late";
                        return Note("first");
                    },
                    context);
                context.Response().OnCompleted(_ => Note("completed"), context);
                context.Response().Headers.ContentLength = 1;
                if (flushes) await context.FlushAsync("x");
                else context.Write("x");
            });

            Assert.Equal("HTTP/1.1 200 OK\r\nX-Own: late\r\nContent-Length: 1\r\n" + Answer.Date + "\r\nx", response);
            Assert.Equal(["first", "second", "completed"], order);

            Task Note(string what)
            {
                order.Add(what);
                return Task.CompletedTask;
            }
        }
    }
}
