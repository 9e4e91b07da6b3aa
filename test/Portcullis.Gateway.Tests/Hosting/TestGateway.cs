using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Tls;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Policies;
using Portcullis.Gateway.Tests.Identity.Memory;
using Portcullis.Trust.Keys;

namespace Portcullis.Gateway.Tests.Hosting;

/// <summary>A whole data plane on loopback ports, run from configuration text as a user would write it.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("portcullis-test-").FullName;
    private readonly KeyRing ring;

    private TestGateway(TimeProvider clock, ILoggerFactory loggers, Func<IdentityServices, IdentityServices>? change)
    {
        ring = KeyRing.Open(Path.Combine(directory, "keys"), [KeyPolicy.ForTokens(KeyAlgorithm.ES256, TimeSpan.FromHours(24)), KeyPolicy.ForData()], clock);
        People = new TestPeople(clock);
        var services = new IdentityServices { Grants = Grants, Revocations = Grants, Assertions = new MemoryAssertions(), People = People, SignIn = People, ApiKeys = ApiKeys, Events = Events };
        Host = new DataPlaneHost(new DataPlaneServices
        {
            Loggers = loggers,
            Clock = clock,
            Keys = new Lazy<KeyRing>(ring),
            Clients = Clients,
            Identity = change is null ? services : change(services),
            DevelopmentCertificate = () =>
            {
                WhileApplying?.Invoke();
                return DevelopmentCertificate.LoadOrCreate(Path.Combine(directory, "tls"), TimeProvider.System);
            },
            ShutdownTimeout = TimeSpan.FromSeconds(5),
        });
    }

    public DataPlaneHost Host { get; }

    /// <summary>Runs while a configuration with <c>tls: {}</c> is applied: after it has been compiled, before its listeners are there.</summary>
    public Action? WhileApplying { get; set; }

    public TestClients Clients { get; } = new();

    public MemoryGrants Grants { get; } = new();

    public TestPeople People { get; }

    public MemoryApiKeys ApiKeys { get; } = new();

    public RecordedEvents Events { get; } = new();

    public KeyRing Keys => ring;

    public string DecisionLogPath => Path.Combine(directory, "decisions.jsonl");

    /// <summary>Starts a gateway; <c>{decisionLog}</c> in the text stands for its decision log.</summary>
    public static async Task<TestGateway> StartAsync(string yaml, TimeProvider? clock = null, ILoggerFactory? loggers = null, Func<IdentityServices, IdentityServices>? change = null)
    {
        var gateway = new TestGateway(clock ?? TimeProvider.System, loggers ?? NullLoggerFactory.Instance, change);
        var problems = await gateway.ApplyAsync(yaml);
        if (problems.Count == 0) return gateway;

        await gateway.DisposeAsync();
        throw new InvalidOperationException(string.Join('\n', problems));
    }

    public Task<IReadOnlyList<string>> ApplyAsync(string yaml) => Host.ApplyAsync(Load(yaml));

    public LoadResult Load(string yaml)
    {
        var text = yaml.Replace("{decisionLog}", DecisionLogPath, StringComparison.Ordinal);
        return new ConfigurationLoader(PolicyKinds.All, new Dictionary<string, string>(StringComparer.Ordinal)).Load(Encoding.UTF8.GetBytes(text), "test.yaml", directory);
    }

    public IPEndPoint EndPoint(string listener = "public") => Host.Listeners[listener].EndPoint;

    public Uri Address(string path = "/", string listener = "public")
        => new($"{(Host.Listeners[listener].Rules.Options.Tls is null ? "http" : "https")}://127.0.0.1:{EndPoint(listener).Port}{path}");

    /// <summary>A client that believes any server.</summary>
    /// <param name="version">Of HTTP.</param>
    /// <param name="certificate">What it shows where it is asked.</param>
    public HttpClient Client(Version? version = null, X509Certificate2? certificate = null)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true, ClientCertificates = certificate is null ? null : [certificate] },
        };
        return new HttpClient(handler)
        {
            DefaultRequestVersion = version ?? HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = Eventually.Patience,
        };
    }

    /// <summary>A token of the gateway's own, got from its token endpoint.</summary>
    public async Task<string> TokenAsync(params string[] permissions)
    {
        var (id, secret) = Clients.Add(permissions);
        using var client = Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, Address("/oauth/token"))
        {
            Content = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", id), new("client_secret", secret)]),
        };
        using var response = await client.SendAsync(request);
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return body.RootElement.GetProperty("access_token").GetString()!;
    }

    /// <summary>Waits until the decision log has that many lines, and returns them.</summary>
    public async Task<IReadOnlyList<JsonElement>> DecisionsAsync(int count)
    {
        using var timeout = new CancellationTokenSource(Eventually.Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            if (File.Exists(DecisionLogPath))
            {
                await using var stream = new FileStream(DecisionLogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                using var reader = new StreamReader(stream);
                var lines = (await reader.ReadToEndAsync(timeout.Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
                if (lines.Length >= count) return [.. lines.Select(line => JsonDocument.Parse(line).RootElement)];
            }

            await timer.WaitForNextTickAsync(timeout.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        ring.Dispose();
        Directory.Delete(directory, recursive: true);
    }
}
