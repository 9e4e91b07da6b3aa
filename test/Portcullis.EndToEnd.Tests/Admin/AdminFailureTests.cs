using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Portcullis.Admin;
using Portcullis.Gateway;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Tls;
using Portcullis.Gateway.Identity;
using Portcullis.Trust.Keys;

namespace Portcullis.EndToEnd.Tests.Admin;

/// <summary>What breaks inside an admin request, which no request from outside brings about.</summary>
public sealed class AdminFailureTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task A_failure_is_refused_with_a_request_id_that_the_log_has_and_nothing_of_its_cause()
    {
        var log = new ListLog();
        using var loggers = LoggerFactory.Create(builder => builder.AddProvider(log));
        await using var dataPlane = new DataPlaneHost(new DataPlaneServices
        {
            Loggers = loggers,
            Keys = new Lazy<KeyRing>(static () => throw new InvalidOperationException()),
            KeyProblem = static () => throw new InvalidOperationException("the private cause"),
            Clients = new NoClients(),
            DevelopmentCertificate = static () => throw new InvalidOperationException(),
        });
        var services = new ListenerServices { Logging = loggers, DevelopmentCertificate = () => DevelopmentCertificate.LoadOrCreate(directory.At("tls"), TimeProvider.System) };
        await using var admin = await AdminHost.StartAsync(new AdminOptions { Address = default }, dataPlane, services, CancellationToken.None);
        using var client = Nodes.Node.CreateClient(HttpVersion.Version11);

        using var response = await client.GetAsync(new Uri($"https://127.0.0.1:{admin.EndPoint.Port}/health/ready"));

        var body = await response.Content.ReadAsStringAsync();
        Assert.Equal((HttpStatusCode.InternalServerError, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType!.ToString()));
        using var problem = JsonDocument.Parse(body);
        Assert.Equal("internal.error", problem.RootElement.GetProperty("code").GetString());
        var requestId = problem.RootElement.GetProperty("requestId").GetString()!;
        Assert.Equal(requestId, Assert.Single(response.Headers.GetValues("X-Request-Id")));
        Assert.Equal("no-store", response.Headers.CacheControl!.ToString());
        Assert.DoesNotContain("private", body, StringComparison.Ordinal);
        Assert.Contains(log.Lines, line => line.StartsWith("5001 ", StringComparison.Ordinal) && line.Contains(requestId, StringComparison.Ordinal) && line.Contains("the private cause", StringComparison.Ordinal));

        // The listener goes on.
        using var live = await client.GetAsync(new Uri($"https://127.0.0.1:{admin.EndPoint.Port}/health/live"));
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
    }

    private sealed class NoClients : IClientStore
    {
        public ValueTask<OAuthClient?> FindAsync(string id, CancellationToken cancellationToken) => new((OAuthClient?)null);
    }

    private sealed class ListLog : ILoggerProvider, ILogger
    {
        private readonly Lock gate = new();
        private readonly List<string> lines = [];

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (gate) return [.. lines];
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (gate) lines.Add($"{eventId.Id} {formatter(state, exception)} {exception?.Message}");
        }

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
