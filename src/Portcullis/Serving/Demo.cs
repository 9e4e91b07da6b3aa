using System.Text;
using Portcullis.Control.Identity;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Identity;
using Portcullis.Trust.Keys;

namespace Portcullis.Serving;

/// <summary>The configuration that runs where none is given: a real gateway in front of a small echo service in the same process.</summary>
internal static class Demo
{
    private const string ClientId = "demo";

    private static readonly IReadOnlyList<string> ClientPermissions = ["demo:read", "demo:write"];

    /// <summary>The configuration, as a file would hold it.</summary>
    public static byte[] Configuration(Uri echo) => Encoding.UTF8.GetBytes(
        $$"""
        data: ./portcullis-data
        listeners:
          public:
            address: 127.0.0.1:8443
            tls: {}
          plain:
            address: 127.0.0.1:8080
        clusters:
          echo:
            destinations: ["{{echo.GetLeftPart(UriPartial.Authority)}}"]
        routes:
          public:
            match: { listeners: [public], path: "/public/{**rest}" }
            cluster: echo
            policies:
              authenticate: none
              rateLimit: [{ by: address, limit: 100, period: 1s, burst: 200 }]
              headers: { preset: api }
          api-read:
            match: { listeners: [public], path: "/api/{**rest}", methods: [GET, HEAD] }
            cluster: echo
            policies:
              authenticate: token
              authorize: { permissions: [demo:read] }
              rateLimit:
                - { by: address, limit: 100, period: 1s, burst: 200 }
                - { by: caller, limit: 20, period: 1m }
              headers: { preset: api }
          api-write:
            match: { listeners: [public], path: "/api/{**rest}" }
            cluster: echo
            policies:
              authenticate: token
              authorize: { permissions: [demo:write] }
              rateLimit:
                - { by: address, limit: 100, period: 1s, burst: 200 }
                - { by: caller, limit: 20, period: 1m }
              headers: { preset: api }
          to-https:
            match: { listeners: [plain], path: "/{**rest}" }
            redirect: { scheme: https, port: 8443 }
            policies:
              authenticate: none
        identity:
          issuer: https://localhost:8443
        telemetry:
          logLevel: warning
          decisionLog: ./portcullis-data/decisions.jsonl

        """);

    /// <summary>Makes the demo client; its secret where that happened just now, null where it was there.</summary>
    public static string? AddClient(DataDirectory data)
    {
        var secret = Secret.Generate().Reveal();
        var client = new OAuthClient(ClientId, OAuthClient.HashSecret(secret), ClientPermissions, IsDisabled: false);
        return new ClientFile(data.Clients, TimeProvider.System).TryAdd(client) ? secret : null;
    }

    /// <summary>What is printed once the demo runs.</summary>
    /// <param name="directory">The data directory, shown as seen from the working directory.</param>
    /// <param name="secret">The demo client's secret where it was made just now; null on later runs.</param>
    public static string Welcome(DataDirectory directory, string? secret)
    {
        var data = Path.GetRelativePath(Directory.GetCurrentDirectory(), directory.Path);
        var curl = $"curl -sS --cacert {data}/tls/development.pem";
        var text = new StringBuilder();
        text.Append(
            $"""

            Portcullis runs its built-in demo.

              data listener    https://localhost:8443   (http://localhost:8080 redirects there)
              admin listener   https://localhost:9443   /health/live  /health/ready  /metrics
              data directory   {data}   (keys, certificate, client; delete it to start over)
              decision log     {data}/decisions.jsonl

            """);
        text.Append(secret is null
            ? $"""

              The demo client's secret was printed at the first run. For a new client:

                portcullis client add demo2 --permission demo:read --permission demo:write --data {data}

              In this source tree, portcullis is: dotnet run -c Release --project src/Portcullis --

              """
            : $"""

              Client id {ClientId}, secret (shown only now): {secret}

              """);
        text.Append(
            $$"""

            Try it, in a second terminal, in this directory:

              # an open route
              {{curl}} https://localhost:8443/public/hello

              # refused: this route wants a token
              {{curl}} -i https://localhost:8443/api/hello

              # a token, and its use
              TOKEN=$({{curl}} -u {{ClientId}}:{{secret ?? "SECRET"}} -d grant_type=client_credentials https://localhost:8443/oauth/token | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
              {{curl}} -i -H "Authorization: Bearer $TOKEN" https://localhost:8443/api/hello

              # a limit reached: 20 requests a minute, then 429
              for i in $(seq 30); do {{curl}} -o /dev/null -w '%{http_code} ' -H "Authorization: Bearer $TOKEN" https://localhost:8443/api/hello; done; echo

              # what was decided, and why
              tail -n 3 {{data}}/decisions.jsonl

            Stop with Ctrl+C. For a configuration of your own: portcullis init

            """);
        return text.ToString();
    }
}
