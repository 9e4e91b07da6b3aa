using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Pipeline;

/// <summary>What a client's <c>Connection</c> names is gone before anything looks at the request, and takes nothing of the gateway's with it.</summary>
public sealed class ConnectionFieldTests : IAsyncLifetime
{
    private TestUpstream upstream = null!;
    private TestGateway gateway = null!;

    public async ValueTask InitializeAsync()
    {
        upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync(
            $"path={context.Request.Path} tenant={context.Request.Headers["X-Tenant"]} gateway={context.Request.Headers["X-Gateway-Auth"]} client={context.Request.Headers["X-Mine"]}"));
        gateway = await TestGateway.StartAsync(
            $$"""
            listeners:
              public: { address: 127.0.0.1:0 }
            clusters:
              upstream: { destinations: ["{{upstream.Url}}"] }
            routes:
              shaped:
                match: { path: "/{**rest}" }
                cluster: upstream
                policies:
                  authenticate: none
                  transform: { request: { set: { X-Tenant: blue }, setSecret: { X-Gateway-Auth: hush } } }
              beta:
                match: { path: "/{**rest}", headers: [ { name: X-Mine, exact: beta } ] }
                cluster: upstream
                policies: { authenticate: none, transform: { path: { template: "/beta/{rest}" } } }
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Theory]
    [InlineData("Connection: close, X-Tenant, X-Gateway-Auth")]
    [InlineData("Connection: close, x-tenant\r\nConnection: X-GATEWAY-AUTH")]
    [InlineData("X-Tenant: red\r\nConnection: close, X-Tenant")]
    public async Task Client_cannot_have_a_field_removed_that_a_policy_sets(string fields)
    {
        var answer = await RawHttp.SendAsync(gateway.EndPoint(), $"GET /x HTTP/1.1\r\nHost: a\r\n{fields}\r\n\r\n");

        Assert.Contains("path=/x tenant=blue gateway=hush client=", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Connection: close", "path=/beta/x tenant= gateway= client=beta")]
    [InlineData("Connection: close, X-Mine", "path=/x tenant=blue gateway=hush client=")]
    public async Task Field_that_is_to_be_removed_decides_about_no_route(string connection, string seen)
    {
        var answer = await RawHttp.SendAsync(gateway.EndPoint(), $"GET /x HTTP/1.1\r\nHost: a\r\nX-Mine: beta\r\n{connection}\r\n\r\n");

        Assert.Contains(seen + "\r\n", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Vary")]
    [InlineData("X-Api-Key")]
    [InlineData("X-Forwarded-Port")]
    [InlineData("a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q")]
    public async Task Connection_that_names_what_is_not_the_clients_to_remove_is_refused(string options)
    {
        var answer = await RawHttp.SendAsync(gateway.EndPoint(), $"GET /x HTTP/1.1\r\nHost: a\r\nConnection: {options}\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("request.malformed", answer, StringComparison.Ordinal);
    }
}
