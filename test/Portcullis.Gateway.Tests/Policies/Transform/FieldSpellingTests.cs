using System.Net;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Policies.Transform;

/// <summary>What <c>transform</c> removes or sets, a client can't say in another spelling that an upstream takes for the same (RFC 3875 §4.1.18).</summary>
public sealed class FieldSpellingTests : IAsyncLifetime
{
    private TestUpstream upstream = null!;
    private TestGateway gateway = null!;

    public async ValueTask InitializeAsync()
    {
        upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync(string.Join(
            ' ', context.Request.Headers.Select(field => $"{field.Key}={field.Value}").Where(IsTested).Order(StringComparer.OrdinalIgnoreCase))));
        gateway = await TestGateway.StartAsync(
            $$"""
            listeners:
              public: { address: 127.0.0.1:0 }
            clusters:
              upstream: { destinations: ["{{upstream.Url}}"] }
            routes:
              shaped:
                match: { path: /shaped }
                cluster: upstream
                policies:
                  authenticate: none
                  transform: { request: { remove: [X-Debug-Level], set: { X-Tenant: blue }, setSecret: { X-Gateway-Auth: hush }, add: { X-Step: b } } }
              underscored:
                match: { path: /underscored }
                cluster: upstream
                policies:
                  authenticate: none
                  transform: { request: { remove: [X_Debug_Level], set: { X_Tenant: blue, X-Zone: eu, X_Zone: eu }, add: { X-Debug_Level: "1" } } }
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Theory]
    [InlineData("/shaped", "X-Tenant", "X-Gateway-Auth=hush X-Step=b X-Tenant=blue")]
    [InlineData("/shaped", "X_Tenant", "X-Gateway-Auth=hush X-Step=b X-Tenant=blue")]
    [InlineData("/shaped", "x_TENANT", "X-Gateway-Auth=hush X-Step=b X-Tenant=blue")]
    [InlineData("/shaped", "X_Gateway_Auth", "X-Gateway-Auth=hush X-Step=b X-Tenant=blue")]
    [InlineData("/shaped", "X-Gateway_Auth", "X-Gateway-Auth=hush X-Step=b X-Tenant=blue")]
    [InlineData("/shaped", "X_Gateway-Auth", "X-Gateway-Auth=hush X-Step=b X-Tenant=blue")]
    [InlineData("/shaped", "X.Tenant", "X-Gateway-Auth=hush X-Step=b X-Tenant=blue")]
    [InlineData("/shaped", "X~Gateway!Auth", "X-Gateway-Auth=hush X-Step=b X-Tenant=blue")]
    [InlineData("/shaped", "X.Other", "X-Gateway-Auth=hush X-Step=b X-Tenant=blue X.Other=red")]
    [InlineData("/shaped", "X_Debug_Level", "X-Gateway-Auth=hush X-Step=b X-Tenant=blue")]
    [InlineData("/shaped", "X_Step", "X-Gateway-Auth=hush X-Step=b X-Tenant=blue X_Step=red")]
    [InlineData("/shaped", "X_Other", "X-Gateway-Auth=hush X-Step=b X-Tenant=blue X_Other=red")]
    [InlineData("/underscored", "X-Debug-Level", "X-Debug_Level=1 X-Zone=eu X_Tenant=blue X_Zone=eu")]
    [InlineData("/underscored", "X_Debug-Level", "X-Debug_Level=1 X-Zone=eu X_Tenant=blue X_Zone=eu")]
    [InlineData("/underscored", "X-Debug_Level", "X-Debug_Level=1 X-Zone=eu X_Tenant=blue X_Zone=eu")]
    [InlineData("/underscored", "X-Tenant", "X-Debug_Level=1 X-Zone=eu X_Tenant=blue X_Zone=eu")]
    [InlineData("/underscored", "X_Zone", "X-Debug_Level=1 X-Zone=eu X_Tenant=blue X_Zone=eu")]
    public async Task Names_that_differ_in_the_sign_between_words_are_one(string path, string name, string seen)
    {
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var client = gateway.Client(version);

            // The next request of the connection finds nothing of this one.
            foreach (var field in new[] { name, "X-Tenant" })
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, gateway.Address(path)) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
                request.Headers.TryAddWithoutValidation(field, "red");
                using var response = await client.SendAsync(request);
                var answer = await response.Content.ReadAsStringAsync();
                if (field == name) Assert.Equal(seen, answer, ignoreCase: true);
                else Assert.DoesNotContain("red", answer, StringComparison.Ordinal);
            }
        }
    }

    private static bool IsTested(string field)
        => field.StartsWith('x') || (field.StartsWith('X') && !field.StartsWith("X-Forwarded-", StringComparison.Ordinal) && !field.StartsWith("X-Request-", StringComparison.Ordinal));
}
