using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Fields;
using Portcullis.Gateway.Tests.Connections;

namespace Portcullis.Gateway.Tests.Fields;

/// <summary>Fields that are octets from the start, in the table and in the heads that are written of it.</summary>
public sealed class PresetFieldTests
{
    private static readonly PresetField Frames = new("X-Frame-Options", "DENY");
    private static readonly PresetField Policy = new("Content-Security-Policy", "default-src 'none'");

    private readonly FieldTable table = new();

    [Fact]
    public void Head_has_the_line_where_it_was_set()
    {
        Add("ETag", "\"1\"");
        Frames.SetIn(table);
        table["X-Request-Id"] = "7";
        Policy.SetIn(table);

        Assert.Equal("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nX-Frame-Options: DENY\r\nX-Request-Id: 7\r\nContent-Security-Policy: default-src 'none'\r\n", Head());
    }

    [Fact]
    public void It_takes_the_place_of_whatever_an_upstream_sent()
    {
        Add("x-frame-options", "ALLOWALL");
        Add("ETag", "\"1\"");
        Add("X-Frame-Options", "SAMEORIGIN");
        Frames.SetIn(table);

        Assert.Equal("HTTP/1.1 200 OK\r\nX-Frame-Options: DENY\r\nETag: \"1\"\r\n", Head());
    }

    [Fact]
    public void It_takes_the_place_of_an_unknown_name_in_another_case()
    {
        Add("x-OWN", "upstream");
        new PresetField("X-Own", "gateway").SetIn(table);

        Assert.Equal("HTTP/1.1 200 OK\r\nX-Own: gateway\r\n", Head());
        Assert.Equal("gateway", table["x-own"]);
    }

    [Fact]
    public void It_reads_as_text()
    {
        Frames.SetIn(table);

        Assert.Equal("DENY", table["x-frame-options"]);
        Assert.Equal("DENY", ((IHeaderDictionary)table).XFrameOptions);
        Assert.Equal([new KeyValuePair<string, StringValues>("X-Frame-Options", "DENY")], table);
        Assert.Equal("DENY"u8, Frames.ValueOctets);
        Assert.Equal("X-Frame-Options"u8, Frames.NameOctets);
    }

    [Fact]
    public void What_is_done_to_it_later_counts()
    {
        Frames.SetIn(table);
        Policy.SetIn(table);
        new PresetField("X-Gone", "1").SetIn(table);
        table["x-frame-options"] = "SAMEORIGIN";
        ((IHeaderDictionary)table).Append("Content-Security-Policy", "sandbox");
        Assert.True(table.Remove("X-GONE"));

        Assert.Equal("HTTP/1.1 200 OK\r\nX-Frame-Options: SAMEORIGIN\r\nContent-Security-Policy: default-src 'none'\r\nContent-Security-Policy: sandbox\r\n", Head());
    }

    [Fact]
    public void A_line_that_comes_after_it_joins_it()
    {
        Frames.SetIn(table);
        Add("x-frame-options", "SAMEORIGIN");

        Assert.Equal("HTTP/1.1 200 OK\r\nX-Frame-Options: DENY\r\nX-Frame-Options: SAMEORIGIN\r\n", Head());
    }

    [Fact]
    public void Setting_twice_is_setting_once_and_the_last_counts()
    {
        Frames.SetIn(table);
        new PresetField("X-Frame-Options", "SAMEORIGIN").SetIn(table);

        Assert.Equal("HTTP/1.1 200 OK\r\nX-Frame-Options: SAMEORIGIN\r\n", Head());
    }

    [Fact]
    public void Nothing_of_it_is_left_in_the_next_message()
    {
        Frames.SetIn(table);
        Policy.SetIn(table);
        table.Clear();
        Add("ETag", "\"1\"");
        table["X-Request-Id"] = "7";

        Assert.Equal("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nX-Request-Id: 7\r\n", Head());
        Assert.False(table.ContainsKey("X-Frame-Options"));
    }

    [Fact]
    public void It_goes_to_another_table_as_text()
    {
        Frames.SetIn(table);
        var other = new FieldTable();
        other.AddFrom(table, table.Fields[0]);

        Assert.Equal("DENY", other["X-Frame-Options"]);
    }

    [Fact]
    public void Other_dictionaries_get_the_text()
    {
        var headers = new HeaderDictionary { ["x-frame-options"] = "ALLOWALL" };
        Frames.SetIn(headers);

        Assert.Equal("DENY", Assert.Single(headers).Value);
    }

    [Theory]
    [InlineData("X-Own", "a\r\nSet-Cookie: b=c")]
    [InlineData("X-Own", "a\0")]
    [InlineData("X-Own", "\u20ac")]
    [InlineData("X Own", "a")]
    [InlineData("X-Own:", "a")]
    [InlineData("", "a")]
    [InlineData("Connection", "close")]
    [InlineData("keep-alive", "timeout=5")]
    [InlineData("Transfer-Encoding", "chunked")]
    [InlineData("content-length", "5")]
    public void What_is_no_field_line_or_frames_the_message_is_refused(string name, string value) => Assert.Throws<ArgumentException>(() => new PresetField(name, value));

    [Fact]
    public void Removing_names_takes_out_those_alone()
    {
        var names = new FieldNames(["Server", "X-Powered-By", "Content-Length", "X-Frame-Options"]);
        Add("server", "nginx");
        Add("ETag", "\"1\"");
        Frames.SetIn(table);
        table.ContentLength = 5;
        var other = new HeaderDictionary { ["server"] = "nginx", ["ETag"] = "\"1\"" };

        names.RemoveFrom(table);
        names.RemoveFrom(other);

        Assert.Equal(["ETag"], table.Keys);
        Assert.Equal(["ETag"], other.Keys);
    }

    [Theory]
    [InlineData("HTTP/1.1", "")]
    [InlineData("HTTP/1.0", "Connection: close\r\n")]
    public async Task Client_gets_the_octets_on_each_request_of_a_connection(string version, string connection)
    {
        await using var listener = await TestListener.StartAsync(TestListener.Plain, new EchoApplication
        {
            Handler = static context =>
            {
                var headers = context.GetRequiredFeature<IHttpResponseFeature>().Headers;
                Frames.SetIn(headers);
                if (context.GetRequiredPath() == "/own") headers.XFrameOptions = "SAMEORIGIN";
                if (context.GetRequiredPath() == "/none") headers.Remove("x-frame-options");
                return EchoApplication.AnswerAsync(context, "ok");
            },
        });
        RawConnection? client = null;
        foreach (var (path, line) in new[] { ("/", "X-Frame-Options: DENY\r\n"), ("/own", "X-Frame-Options: SAMEORIGIN\r\n"), ("/none", ""), ("/", "X-Frame-Options: DENY\r\n") })
        {
            client ??= await RawConnection.OpenAsync(listener.EndPoint);
            await client.SendAsync($"GET {path} {version}\r\nHost: a\r\n\r\n");
            Assert.StartsWith($"HTTP/1.1 200 OK\r\n{line}Content-Length: 2\r\n{connection}Date: ", await client.ReadResponseAsync(), StringComparison.Ordinal);
            if (connection.Length == 0) continue;
            await client.DisposeAsync();
            client = null;
        }

        if (client is not null) await client.DisposeAsync();
    }

    private void Add(string name, string value)
    {
        var octets = Encoding.Latin1.GetBytes(name);
        table.AddLine(octets, KnownFields.Find(octets, out var traits), Encoding.Latin1.GetBytes(value), traits);
    }

    private string Head()
    {
        var head = ResponseHead.Begin(200, null);
        head.AppendFields(table);
        return Encoding.Latin1.GetString(head.Written);
    }
}
