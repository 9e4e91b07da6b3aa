using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Portcullis.EndToEnd.Tests.Nodes;

/// <summary>
/// A running gateway in a directory of its own. In its configuration text <c>{plain}</c>, <c>{tls}</c> and <c>{admin}</c> stand for
/// loopback addresses with free ports.
/// </summary>
internal sealed class Node : IAsyncDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly HttpClient client = CreateClient(HttpVersion.Version11);
    private GatewayProcess? process;

    private Node()
    {
    }

    public int PlainPort { get; } = Ports.Free();

    public int TlsPort { get; } = Ports.Free();

    public int AdminPort { get; } = Ports.Free();

    public GatewayProcess Process => process!;

    public string Directory => directory.Path;

    public string ConfigurationFile => directory.At("portcullis.yaml");

    public string DevelopmentCertificate => directory.At("data/tls/development.pem");

    /// <summary>Starts a gateway and waits until it says that it runs.</summary>
    public static async Task<Node> StartAsync(string yaml, IReadOnlyDictionary<string, string>? environment = null, Action<Node>? prepare = null, bool readsErrors = true)
    {
        var node = new Node();
        try
        {
            prepare?.Invoke(node);
            node.Write("portcullis.yaml", node.Fill(yaml));
            node.process = GatewayProcess.Start(node.Directory, environment, readsErrors, "serve", "--config", node.ConfigurationFile);
            await Task.WhenAny(node.process.Output.WaitForAsync(line => line.Contains("portcullis runs", StringComparison.Ordinal)), node.process.ExitAsync()).WithPatience();
            Assert.False(node.process.HasExited, node.process.Error.Text);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    public static HttpClient CreateClient(Version version, IPAddress? from = null)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
        };
        if (from is not null) handler.ConnectCallback = (context, cancellationToken) => LocalSocket.ConnectAsync(from, context.DnsEndPoint, cancellationToken);
        return new HttpClient(handler) { DefaultRequestVersion = version, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact, Timeout = Eventually.Patience };
    }

    public Uri Plain(string path = "/") => new($"http://127.0.0.1:{PlainPort}{path}");

    public Uri Tls(string path = "/") => new($"https://localhost:{TlsPort}{path}");

    public Uri Admin(string path = "/") => new($"https://127.0.0.1:{AdminPort}{path}");

    public string At(string name) => directory.At(name);

    public string Write(string name, string content) => directory.Write(name, content);

    /// <summary>Puts a new configuration in place as editors do: written beside, renamed over.</summary>
    public void Configure(string yaml)
    {
        var beside = Write("portcullis.yaml.new", Fill(yaml));
        File.Move(beside, ConfigurationFile, overwrite: true);
    }

    public Task<HttpResponseMessage> GetAsync(Uri address, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return client.SendAsync(request);
    }

    public async Task<HttpStatusCode> StatusAsync(Uri address)
    {
        using var response = await GetAsync(address);
        return response.StatusCode;
    }

    public async Task<JsonElement> ReadyAsync()
    {
        using var response = await GetAsync(Admin("/health/ready"));
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }

    public async Task<long> VersionAsync() => (await ReadyAsync()).GetProperty("configurationVersion").GetInt64();

    /// <summary>The value of one series; its labels as they are written.</summary>
    public async Task<double> MetricAsync(string series)
    {
        var text = await client.GetStringAsync(Admin("/metrics"));
        var line = text.Split('\n').SingleOrDefault(line => line.StartsWith(series + " ", StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line[(series.Length + 1)..], CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until the decision log has that many lines, and returns them.</summary>
    public async Task<IReadOnlyList<JsonElement>> DecisionsAsync(int count, string name = "decisions.jsonl")
    {
        string[] lines = [];
        await Eventually.HoldsAsync(
            async () =>
            {
                if (!File.Exists(At(name))) return false;
                await using var stream = new FileStream(At(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using var reader = new StreamReader(stream);
                lines = (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
                return lines.Length >= count;
            },
            $"{count} lines in {name}");
        return [.. lines.Select(line => JsonDocument.Parse(line).RootElement)];
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        if (process is not null) await process.DisposeAsync();
        directory.Dispose();
    }

    public string Fill(string yaml) => yaml
        .Replace("{plain}", $"127.0.0.1:{PlainPort}", StringComparison.Ordinal)
        .Replace("{tls}", $"127.0.0.1:{TlsPort}", StringComparison.Ordinal)
        .Replace("{tlsPort}", TlsPort.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{admin}", $"127.0.0.1:{AdminPort}", StringComparison.Ordinal);
}
