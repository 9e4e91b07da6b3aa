using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Forwarding;

namespace Portcullis.Gateway.Tests.Forwarding;

public sealed class EndToEndTests
{
    [Theory]
    [InlineData("Connection")]
    [InlineData("keep-alive")]
    [InlineData("Proxy-Connection")]
    [InlineData("TRANSFER-ENCODING")]
    [InlineData("TE")]
    [InlineData("Upgrade")]
    [InlineData("Proxy-Authorization")]
    [InlineData("HTTP2-Settings")]
    [InlineData(":path")]
    public void Hop_by_hop_fields_end_here(string name) => Assert.True(EndToEnd.IsHopByHop(name));

    [Theory]
    [InlineData("close", false)]
    [InlineData("keep-alive, Upgrade", false)]
    [InlineData("X-Mine", false)]
    [InlineData("Host", true)]
    [InlineData("close, authorization", true)]
    [InlineData("X-Forwarded-For", true)]
    [InlineData("Portcullis-Subject", true)]
    [InlineData("Content-Length", true)]
    [InlineData("a b", true)]
    [InlineData("a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", true)]
    public void Connection_that_names_what_must_stay_is_abuse(string value, bool isAbused) => Assert.Equal(isAbused, ConnectionField.Check(value) is not null);

    [Theory]
    [InlineData("grpc-status", true)]
    [InlineData("X-Checksum", true)]
    [InlineData("Content-Length", false)]
    [InlineData("Set-Cookie", false)]
    [InlineData("Transfer-Encoding", false)]
    [InlineData("Portcullis-Subject", false)]
    [InlineData("X-Forwarded-For", false)]
    public void Framing_routing_and_credentials_are_no_trailers(string name, bool may) => Assert.Equal(may, EndToEnd.MayBeTrailer(name));

    [Theory]
    [InlineData("user-1", "user-1")]
    [InlineData("a b", "a b")]
    [InlineData("a\r\nX: y", "a%0D%0AX:%20y")]
    [InlineData("100%", "100%25")]
    [InlineData(" a", "%20a")]
    [InlineData("jörg", "j%C3%B6rg")]
    public void Subject_cannot_break_out_of_its_field(string subject, string field) => Assert.Equal(field, FieldText.Encode(subject));

    [Theory]
    [InlineData("a=1; stay=x; b=2", "x")]
    [InlineData("stay=x", "x")]
    [InlineData("stay=\"x\"", "x")]
    [InlineData("stayx=1; xstay=2; stay", "")]
    [InlineData("", "")]
    public void Cookie_is_found_by_its_whole_name(string field, string value) => Assert.Equal(value, Cookies.Find(field, "stay").ToString());
}
