using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Gateway;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections.Tls;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Policies;
using Portcullis.Trust.Keys;

namespace Portcullis.Benchmarks.Requests;

/// <summary>A data plane in this process with an upstream behind it, and one client's connection to it.</summary>
internal sealed class GatewayUnderTest : IDisposable
{
    private const string Configuration = """
        listeners: { public: { address: "127.0.0.1:0" } }
        clusters: { main: { destinations: ["http://127.0.0.1:{upstream}"] } }
        routes:
          plain: { match: { path: "/plain" }, cluster: main, policies: { authenticate: none } }
          waf: { match: { path: "/waf" }, cluster: main, policies: { authenticate: none, waf: { mode: block, paranoia: 1 } } }
          policies:
            match: { path: "/policies" }
            cluster: main
            policies:
              authenticate: token
              authorize: { permissions: [orders:read] }
              rateLimit:
                - { by: address, limit: 1000000, period: 1s, burst: 1000000 }
                - { by: caller, limit: 1000000, period: 1s, burst: 1000000 }
              headers: { preset: api }
        identity: { issuer: "http://127.0.0.1" }
        telemetry: { decisionLog: "{log}" }
        """;

    private readonly byte[] octets = new byte[64 * 1024];
    private readonly Socket connection = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private GatewayUnderTest(DataPlaneHost host)
    {
        EndPoint = host.Listeners["public"].EndPoint;
        connection.Connect(EndPoint);
    }

    /// <summary>Where clients connect to.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Starts one for the life of the process.</summary>
    public static GatewayUnderTest Start()
    {
        var directory = Directory.CreateTempSubdirectory("portcullis-budgets-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(directory, recursive: true);
        var upstream = new BlockingUpstream();
        var ring = KeyRing.Open(Path.Combine(directory, "keys"), [KeyPolicy.ForTokens(KeyAlgorithm.RS256, TimeSpan.FromHours(24))], TimeProvider.System);
        var host = new DataPlaneHost(new DataPlaneServices
        {
            Loggers = NullLoggerFactory.Instance,
            Keys = new Lazy<KeyRing>(ring),
            Clients = new OneClient(new OAuthClient("shop", OAuthClient.HashSecret("secret"), ["orders:read"], IsDisabled: false)),
            DevelopmentCertificate = () => DevelopmentCertificate.LoadOrCreate(directory, TimeProvider.System),
        });
        var text = Configuration
            .Replace("{upstream}", upstream.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{log}", Path.Combine(directory, "decisions.jsonl"), StringComparison.Ordinal);
        var loaded = new ConfigurationLoader(PolicyKinds.All, new Dictionary<string, string>(StringComparer.Ordinal)).Load(Encoding.UTF8.GetBytes(text), "budgets.yaml", directory);
#pragma warning disable VSTHRD002 // Nothing else runs yet.
        var problems = host.ApplyAsync(loaded).GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
        return problems.Count == 0 ? new GatewayUnderTest(host) : throw new InvalidOperationException(string.Join('\n', problems));
    }

    public void Dispose() => connection.Dispose();

    /// <summary>Gets a token from the gateway's own endpoint.</summary>
    public string Token()
    {
        const string form = "grant_type=client_credentials&client_id=shop&client_secret=secret";
        Exchange(Encoding.ASCII.GetBytes($"POST /oauth/token HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {form.Length}\r\n\r\n{form}"));
        var body = BlockingUpstream.BodyStart(octets);
        using var answer = JsonDocument.Parse(octets.AsMemory(body, BlockingUpstream.BodyLength(octets.AsSpan(0, body))));
        return answer.RootElement.GetProperty("access_token").GetString()!;
    }

    /// <summary>Sends a request and waits for the whole response, which must be a 200.</summary>
    public void Exchange(byte[] request)
    {
        connection.Send(request);
        var length = 0;
        while (true)
        {
            var received = connection.Receive(octets.AsSpan(length), SocketFlags.None);
            if (received == 0) throw new InvalidOperationException("The gateway has closed the connection.");
            length += received;
            var body = BlockingUpstream.BodyStart(octets.AsSpan(0, length));
            if (body == 0 || length < body + BlockingUpstream.BodyLength(octets.AsSpan(0, body))) continue;
            if (!octets.AsSpan().StartsWith("HTTP/1.1 200 "u8)) throw new InvalidOperationException(Encoding.Latin1.GetString(octets, 0, length));
            return;
        }
    }
}
