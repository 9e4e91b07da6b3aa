using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Routing;

namespace Portcullis.Gateway.Tests.Routing;

public sealed class TargetNormaliserTests
{
    private static readonly TargetOptions Keep = new() { EncodedSlashes = EncodedSlashes.Keep };

    [Theory]
    [InlineData("/")]
    [InlineData("/a/b")]
    [InlineData("/a/b/")]
    [InlineData("/a?x=1&y=%zz'\"<>\\|{}")]
    [InlineData("/a?")]
    [InlineData("/.well-known/jwks.json")]
    [InlineData("/...")]
    [InlineData("/a..b/..a/.a")]
    [InlineData("/caf%C3%A9?q")]
    [InlineData("/a%20b;v=1/c!$&'()*+,=:@~-._")]
    [InlineData("/a%2520b")]
    public void A_target_in_normal_form_is_kept_as_the_same_string(string raw)
    {
        var target = Accept(raw);

        Assert.Same(raw, target.Value);
        Assert.Equal(TargetForm.Origin, target.Form);
    }

    [Fact]
    public void Path_and_query_are_slices_of_the_value()
    {
        var target = Accept("//a?b=c?d");

        Assert.Equal("/a?b=c?d", target.Value);
        Assert.Equal("/a", target.Path.ToString());
        Assert.Equal("/a", target.PathMemory.ToString());
        Assert.Equal("?b=c?d", target.Query.ToString());
        Assert.Equal("b=c?d", target.QueryText.ToString());
    }

    [Fact]
    public void An_empty_query_is_kept_apart_from_none()
    {
        Assert.True(Accept("/a?").HasQuery);
        Assert.False(Accept("/a").HasQuery);
        Assert.True(Accept("/a?").QueryText.IsEmpty);
    }

    [Theory]
    [InlineData("/%61%2Dd%6d%69n%7E", "/a-dmin~")]
    [InlineData("/caf%c3%a9", "/caf%C3%A9")]
    [InlineData("/%e2%82%ac%f0%9f%98%80", "/%E2%82%AC%F0%9F%98%80")]
    [InlineData("/a%3ab%2c", "/a%3Ab%2C")]
    [InlineData("/a%3f%23%20", "/a%3F%23%20")]
    public void Escapes_of_unreserved_characters_are_decoded_and_the_others_get_upper_case_digits(string raw, string expected) =>
        Assert.Equal(expected, Accept(raw).Value);

    [Theory]
    [InlineData("/a[0]|b^`{c}", "/a%5B0%5D%7Cb%5E%60%7Bc%7D")]
    public void Characters_that_browsers_send_raw_are_encoded(string raw, string expected) => Assert.Equal(expected, Accept(raw).Value);

    [Theory]
    [InlineData("//", "/")]
    [InlineData("//a///b//", "/a/b/")]
    [InlineData("//evil.example/x", "/evil.example/x")]
    public void Repeated_slashes_become_one(string raw, string expected) => Assert.Equal(expected, Accept(raw).Value);

    [Theory]
    [InlineData("/%252e%252e/a", "/%252e%252e/a")]
    [InlineData("/%25%32%65", "/%252e")]
    [InlineData("/%2500", "/%2500")]
    [InlineData("/a%255cb%252fc", "/a%255cb%252fc")]
    public void Double_encoding_is_data_and_never_decoded_twice(string raw, string expected)
    {
        var once = Accept(raw);

        Assert.Equal(expected, once.Value);
        Assert.Equal(expected, Accept(once.Value).Value);
    }

    [Theory]
    [InlineData("/.")]
    [InlineData("/..")]
    [InlineData("/a/../b")]
    [InlineData("/a/./b")]
    [InlineData("/a/..")]
    [InlineData("/a/..?q")]
    [InlineData("//..//a")]
    [InlineData("/%2e%2E/a")]
    [InlineData("/.%2e/a")]
    [InlineData("/a/%2e")]
    [InlineData("/a/..;x/b")]
    [InlineData("/a/.;/b")]
    [InlineData("/a/..%3bx/b")]
    [InlineData("/a/..%20/b")]
    [InlineData("/a/..%23/b")]
    [InlineData("/a/..%3f/b")]
    [InlineData("/a/..%252f/b")]
    public void Dot_segments_are_refused(string raw) => Refuse(TargetRule.DotSegment, raw);

    [Theory]
    [InlineData("/a%2Fb")]
    [InlineData("/a%2fb")]
    public void An_encoded_slash_is_refused_by_default(string raw) => Refuse(TargetRule.EncodedSlash, raw);

    [Fact]
    public void An_encoded_slash_can_be_kept_inside_its_segment() => Assert.Equal("/a%2Fb/c", Accept("/a%2fb/c", options: Keep).Value);

    [Theory]
    [InlineData("/a;x%2Fb")]
    [InlineData("/a%3Bx=1%2fb")]
    public void No_encoded_slash_is_kept_in_a_path_parameter(string raw) => Refuse(TargetRule.EncodedSlash, raw, options: Keep);

    [Theory]
    [InlineData("/a%2F..%2Fb")]
    [InlineData("/a%2f%2e%2e")]
    [InlineData("/..%2Fb")]
    [InlineData("/%2F.%2F")]
    public void Kept_encoded_slashes_hide_no_dot_segment(string raw) => Refuse(TargetRule.DotSegment, raw, options: Keep);

    [Theory]
    [InlineData("/a%")]
    [InlineData("/a%4")]
    [InlineData("/a%4?x")]
    [InlineData("/%zz")]
    [InlineData("/%u002e")]
    [InlineData("/%%32e")]
    [InlineData("/%+1")]
    public void A_bad_escape_is_refused(string raw) => Refuse(TargetRule.Escape, raw);

    [Theory]
    [InlineData("/a%00")]
    [InlineData("/a%0d%0aX:y")]
    [InlineData("/a%1F")]
    [InlineData("/a%7f")]
    [InlineData("/a%C2%85")]
    public void An_encoded_control_is_refused_in_the_path(string raw) => Refuse(TargetRule.EncodedControl, raw);

    [Fact]
    public void Encoded_controls_in_the_query_are_data() => Assert.Equal("/a?b=%00%0d%0A%2e", Accept("/a?b=%00%0d%0A%2e").Value);

    [Theory]
    [InlineData("/a\\b")]
    [InlineData("/..\\b")]
    [InlineData("/a%5Cb")]
    [InlineData("/a%5cb")]
    public void A_backslash_is_refused_in_the_path(string raw) => Refuse(TargetRule.Backslash, raw);

    [Theory]
    [InlineData("/a\"b")]
    [InlineData("/<a")]
    [InlineData("/a>")]
    public void Delimiters_are_refused_in_the_path(string raw) => Refuse(TargetRule.Delimiter, raw);

    [Theory]
    [InlineData("/%C0%AF")] // overlong slash
    [InlineData("/%E0%80%AF")]
    [InlineData("/%C0%AE%C0%AE/")] // overlong dots
    [InlineData("/%C3")] // truncated
    [InlineData("/%C3/%A9")]
    [InlineData("/%C3A9")]
    [InlineData("/%F0%9F%98")]
    [InlineData("/%A9")] // lone continuation
    [InlineData("/%ED%A0%80")] // surrogate
    [InlineData("/%F4%90%80%80")] // above U+10FFFF
    [InlineData("/%F8%88%80%80%AF")] // a form of RFC 2279, overlong
    [InlineData("/%FD%BF")]
    [InlineData("/%EF%BF%BF")] // noncharacters
    [InlineData("/%EF%B7%90")]
    [InlineData("/%F0%9F%BF%BE")]
    public void Octets_that_are_not_shortest_form_utf8_are_refused(string raw) => Refuse(TargetRule.Encoding, raw);

    [Theory]
    [InlineData("/%ff", "/%FF")]
    [InlineData("/a%FEb/%FF%FF", "/a%FEb/%FF%FF")]
    [InlineData("/%FF%2e", "/%FF.")]
    public void Octets_that_no_utf8_has_can_be_read_in_one_way_and_are_kept(string raw, string expected) => Assert.Equal(expected, Accept(raw).Value);

    [Theory]
    [InlineData("/%FF/%2e%2e/a", TargetRule.DotSegment)]
    [InlineData("/%FF%2Fa", TargetRule.EncodedSlash)]
    [InlineData("/%FF%C3", TargetRule.Encoding)]
    public void They_excuse_nothing_beside_them(string raw, TargetRule broken) => Refuse(broken, raw);

    [Theory]
    [InlineData("/a b")]
    [InlineData("/a\0")]
    [InlineData("/a\t")]
    [InlineData("/a\r\nX: y")]
    [InlineData("/a\u007f")]
    [InlineData("/caf\u00e9")]
    [InlineData("/a\u212a")]
    [InlineData("/a?b c")]
    [InlineData("/a?b\n")]
    [InlineData("/a?b\0")]
    [InlineData("/a?b\u00ff")]
    public void Raw_octets_outside_visible_ascii_are_refused(string raw) => Refuse(TargetRule.RawOctet, raw);

    [Theory]
    [InlineData("/a#b")]
    [InlineData("/a?b#c")]
    public void A_fragment_is_refused(string raw) => Refuse(TargetRule.Fragment, raw);

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("?a")]
    [InlineData("**")]
    [InlineData("example.com:443")]
    [InlineData("://example.com/")]
    [InlineData("\\a")]
    [InlineData("%2Fa")]
    public void Other_forms_are_refused(string raw) => Refuse(TargetRule.Form, raw);

    [Fact]
    public void Connect_is_refused() => Refuse(TargetRule.Connect, "example.com:443", method: "CONNECT");

    [Theory]
    [InlineData("/a")]
    [InlineData("*")]
    [InlineData("http://example.com/")]
    [InlineData("example.com")]
    public void Connect_to_what_is_no_host_and_port_is_malformed(string raw) => Refuse(TargetRule.Form, raw, method: "CONNECT");

    [Fact]
    public void Extended_connect_has_a_path()
    {
        Assert.Equal("/chat", Accept("/chat", method: "CONNECT", source: TargetSource.ExtendedConnect).Value);
        Refuse(TargetRule.Form, "*", method: "CONNECT", source: TargetSource.ExtendedConnect);
        Refuse(TargetRule.Form, "https://example.com/chat", method: "CONNECT", source: TargetSource.ExtendedConnect);
        Refuse(TargetRule.Connect, "/chat", source: TargetSource.ExtendedConnect);
    }

    [Fact]
    public void The_asterisk_is_for_options_alone()
    {
        Assert.Equal(TargetForm.Asterisk, Accept("*", method: "OPTIONS").Form);
        Assert.Equal("*", Accept("*", method: "OPTIONS", source: TargetSource.PathField).Path.ToString());
        Refuse(TargetRule.Asterisk, "*");
        Refuse(TargetRule.Asterisk, "*", method: "options");
    }

    [Theory]
    [InlineData("http://example.com/a?b", "example.com", "/a?b")]
    [InlineData("HTTP://EXAMPLE.com:80//a", "example.com", "/a")]
    [InlineData("https://example.com/a", "example.com:443", "/a")]
    [InlineData("https://example.com:8443", "example.com:8443", "/")]
    [InlineData("http://example.com?b", "example.com", "/?b")]
    [InlineData("http://[::1]:80/", "[::1]", "/")]
    [InlineData("http://example.com./%61", "example.com", "/a")]
    public void An_absolute_target_is_reduced_to_path_and_query(string raw, string host, string expected)
    {
        var target = Accept(raw, host: host);

        Assert.Equal(expected, target.Value);
        Assert.Equal(TargetForm.Absolute, target.Form);
    }

    [Theory]
    [InlineData("http://other.example/", "example.com")]
    [InlineData("http://example.com:8080/", "example.com")]
    [InlineData("https://example.com/", "example.com:80")]
    [InlineData("http:///a", "example.com")]
    [InlineData("http://example.com\\@other.example/", "other.example")]
    [InlineData("http://exa mple.com/", "example.com")]
    [InlineData("http://example.com/", null)]
    public void The_authority_of_an_absolute_target_must_equal_host(string raw, string? host) => Refuse(TargetRule.Authority, raw, host: host);

    [Fact]
    public void An_absolute_target_obeys_the_rules_of_paths()
    {
        Refuse(TargetRule.DotSegment, "http://example.com/a/../b");
        Refuse(TargetRule.Backslash, "http://example.com\\a");
        Refuse(TargetRule.Fragment, "http://example.com#a");
    }

    [Fact]
    public void User_information_is_refused() => Refuse(TargetRule.UserInformation, "http://user@example.com/");

    [Theory]
    [InlineData("ftp://example.com/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("httpx://example.com/")]
    public void Other_schemes_are_refused(string raw) => Refuse(TargetRule.Scheme, raw);

    [Fact]
    public void The_path_field_of_http2_has_no_absolute_form() => Refuse(TargetRule.Form, "http://example.com/", source: TargetSource.PathField);

    [Fact]
    public void Options_for_an_authority_is_the_asterisk()
    {
        Assert.Equal(TargetForm.Asterisk, Accept("http://example.com", method: "OPTIONS").Form);
        Assert.Equal(TargetForm.Absolute, Accept("http://example.com/", method: "OPTIONS").Form);
    }

    [Fact]
    public void A_long_path_is_refused_as_sent_and_as_normalised()
    {
        Accept("/" + new string('a', 8191));
        Refuse(TargetRule.PathLength, "/" + new string('a', 8192));
        Refuse(TargetRule.PathLength, "/" + new string('|', 3000));
        Refuse(TargetRule.PathLength, new string('/', 8193));
        Assert.Equal("/", Accept(new string('/', 8192)).Value);
        Assert.True(TargetRule.PathLength.IsTooLong());
    }

    [Fact]
    public void A_long_query_is_refused()
    {
        Accept("/?" + new string('a', 16384));
        Refuse(TargetRule.QueryLength, "/?" + new string('a', 16385));
        Assert.True(TargetRule.QueryLength.IsTooLong());
        Assert.False(TargetRule.DotSegment.IsTooLong());
    }

    [Fact]
    public void Every_octet_of_a_path_is_kept_encoded_or_refused()
    {
        for (var octet = 0; octet < 256; octet++)
        {
            var raw = "/a" + (char)octet + "b";
            if (!TryNormalise(raw, "GET", "example.com", TargetSource.RequestLine, TargetOptions.Default, out var target, out _))
                continue;
            var text = target.Value;
            Assert.True(text == raw || text == $"/a%{octet:X2}b", text);
            Assert.InRange(octet, 0x21, 0x7E);
        }
    }

    [Theory]
    [InlineData("/api/orders/17?expand=lines")]
    [InlineData("/caf%C3%A9/.profile")]
    public void Nothing_is_allocated_for_a_target_in_normal_form(string raw) => Assert.Equal(0, AllocatedBytes.PerOperation(() => Accept(raw)));

    [Fact]
    public void Every_rule_has_its_own_text()
    {
        var texts = Enum.GetValues<TargetRule>().Select(rule => rule.Text()).ToList();

        Assert.Equal(texts.Count, texts.Distinct().Count());
        Assert.DoesNotContain(((TargetRule)999).Text(), texts);
    }

    [Fact]
    public void The_zero_value_is_no_target()
    {
        Assert.Equal(TargetForm.None, default(RequestTarget).Form);
        Assert.True(default(RequestTarget).Path.IsEmpty);
        Assert.Equal("", default(RequestTarget).Value);
    }

    private static RequestTarget Accept(
        string raw, string method = "GET", string? host = "example.com", TargetSource source = TargetSource.RequestLine, TargetOptions? options = null)
    {
        if (!TryNormalise(raw, method, host, source, options ?? TargetOptions.Default, out var target, out var broken))
            Assert.Fail($"{raw}: {broken}");
        if (broken != TargetRule.None)
            Assert.Fail($"{raw} was accepted with {broken}");
        return target;
    }

    private static void Refuse(
        TargetRule expected, string raw, string method = "GET", string? host = "example.com", TargetSource source = TargetSource.RequestLine, TargetOptions? options = null)
    {
        Assert.False(TryNormalise(raw, method, host, source, options ?? TargetOptions.Default, out var target, out var broken), target.Value);
        Assert.Equal(expected, broken);
        Assert.Equal(TargetForm.None, target.Form);
    }

    private static bool TryNormalise(
        string raw, string method, string? host, TargetSource source, TargetOptions options, out RequestTarget target, out TargetRule broken)
    {
        HostName name = default;
        if (host is not null && !HostName.TryNormalise(host, out name, out broken))
            Assert.Fail(host);
        return TargetNormaliser.TryNormalise(raw, method, name, source, options, out target, out broken);
    }
}
