using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Tests.Policies.Authenticate;

namespace Portcullis.Gateway.Tests.Policies.DataClasses;

/// <summary>Every access to data of a sensitive class is told of, with who had it and what for.</summary>
public sealed class SensitiveAccessTests : IAsyncLifetime
{
    private EchoGateway echo = null!;
    private HttpClient client = null!;

    public async ValueTask InitializeAsync()
    {
        echo = await EchoGateway.StartAsync(
            """
            records: dataClass: health, purpose: treatment of patients, policies: { authenticate: token, authorize: { permissions: [records:read] } }
            vault: dataClass: restricted, policies: { authenticate: token, authorize: authenticated, waf: { mode: block } }
            news: dataClass: public, policies: { authenticate: none }
            silent: dataClass: restricted, policies: { authenticate: token }
            """,
            more: "dataClasses: { health: { sensitive: true, purposeRequired: true }, public: { sensitive: false } }");
        client = echo.Gateway.Client();
    }

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return echo.DisposeAsync();
    }

    [Fact]
    public async Task Access_is_told_with_subject_class_purpose_and_request()
    {
        using var response = await SendAsync("/records/7", await echo.Gateway.TokenAsync("records:read"));
        Assert.Equal(200, (int)response.StatusCode);
        var told = Assert.Single(echo.Gateway.Events.All);
        Assert.Equal(
            new SecurityEvent(SecurityEventKind.SensitiveAccess)
            {
                Subject = "client0",
                ClientId = "client0",
                Route = "records",
                DataClass = "health",
                Purpose = "treatment of patients",
                RequestId = response.Headers.GetValues("X-Request-Id").Single(),
            },
            told);
        var line = (await echo.DecisionsAsync(2))[1];
        Assert.Equal(("health", "treatment of patients"), (line.GetProperty("dataClass").GetString(), line.GetProperty("purpose").GetString()));
    }

    [Fact]
    public async Task Who_is_not_let_through_had_no_access()
    {
        using (await SendAsync("/records/7", await echo.Gateway.TokenAsync("records:write"))) { }
        using (await SendAsync("/records/7", "nonsense")) { }
        using (await SendAsync("/silent/x", await echo.Gateway.TokenAsync("records:read"))) { }
        Assert.Empty(echo.Gateway.Events.All);
    }

    [Fact]
    public async Task Restricted_is_sensitive_unless_told_and_public_is_not()
    {
        using (await SendAsync("/vault/x", await echo.Gateway.TokenAsync())) { }
        using (await SendAsync("/news/x", null)) { }
        Assert.Equal(["restricted"], echo.Gateway.Events.All.Select(told => told.DataClass));
    }

    [Theory]
    [InlineData("records: dataClass: helth, policies: { authenticate: token, authorize: authenticated }", "there is no data class 'helth'")]
    [InlineData("records: dataClass: health, policies: { authenticate: token, authorize: authenticated }", "access to 'health' needs a purpose")]
    [InlineData("records: dataClass: health, purpose: x, policies: { authenticate: none }", "'health' is sensitive, and nobody is identified on this route")]
    [InlineData("records: purpose: x, policies: { authenticate: none }", "has no effect: the route names no class of data")]
    [InlineData("records: dataClass: public, purpose: café, policies: { authenticate: none }", "is not one line of text")]
    public async Task Mark_that_could_not_hold_is_an_error(string route, string error)
    {
        var failed = await Assert.ThrowsAsync<InvalidOperationException>(() => EchoGateway.StartAsync(route, more: "dataClasses: { health: { sensitive: true, purposeRequired: true } }"));
        Assert.Contains(error, failed.Message, StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> SendAsync(string path, string? token) => echo.SendAsync(client, path, token is null ? [] : [("Authorization", "Bearer " + token)]);
}
