using System.Text;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Identity;

namespace Portcullis.Serving;

/// <summary>The configuration that runs where none is given: a real gateway in front of a small echo service in the same process.</summary>
internal static class Demo
{
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
              waf: block
              headers: { preset: api }
          api-read:
            match: { listeners: [public], path: "/api/{**rest}", methods: [GET, HEAD] }
            cluster: echo
            policies:
              authenticate: [token, session]
              authorize: { permissions: [demo:read] }
              rateLimit:
                - { by: address, limit: 100, period: 1s, burst: 200 }
                - { by: caller, limit: 20, period: 1m }
              headers: { preset: api }
          api-write:
            match: { listeners: [public], path: "/api/{**rest}" }
            cluster: echo
            policies:
              authenticate: [token, session]
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
        roles:
          administrator: { mfa: required, permissions: [demo:read, demo:write] }
        telemetry:
          # What is open here is open on purpose, and the welcome says so; the warning of it would stand above that.
          logLevel: error
          decisionLog: ./portcullis-data/decisions.jsonl

        """);

    /// <summary>Makes the demo's client and administrator where there are none, and says what is printed once the demo runs.</summary>
    /// <param name="directory">The data directory, shown as seen from the working directory.</param>
    /// <param name="identity">Where they are, or are made now.</param>
    public static async Task<string> WelcomeAsync(DataDirectory directory, NodeIdentity identity)
    {
        var clients = await identity.ClientsAsync();
        var secret = await DemoAccounts.AddClientAsync(clients);
        var password = await DemoAccounts.AddAdministratorAsync(identity);
        var freeId = secret is null ? FreeId(await clients.ListAsync()) : DemoAccounts.ClientId;
        var data = Path.GetRelativePath(Directory.GetCurrentDirectory(), directory.Path);
        var curl = $"curl -sS --cacert {data}/tls/development.pem";
        var text = new StringBuilder();
        text.Append(
            $"""

            Portcullis runs its built-in demo.

              data listener    https://localhost:8443   (http://localhost:8080 redirects there)
              admin listener   https://localhost:9443   /health/live  /health/ready  /metrics
              data directory   {data}   (keys, certificate, client, people; delete it to start over)
              decision log     {data}/decisions.jsonl

            """);
        if (secret is not null)
        {
            text.Append(
                $"""

                  Client id {DemoAccounts.ClientId}, secret (shown only now): {secret}

                """);
        }

        if (password is not null)
        {
            text.Append(
                $"""
                  Administrator {DemoAccounts.AdministratorName}, password (shown only now): {password}

                """);
        }

        text.Append(
            $$"""

            Try it, in a second terminal, in this directory:

              # an open route
              {{curl}} https://localhost:8443/public/hello

              # refused: an SQL injection
              {{curl}} -i "https://localhost:8443/public/hello?id=1%27%20OR%20%271%27=%271"

              # refused: this route wants a token
              {{curl}} -i https://localhost:8443/api/hello

              # a token, and its use{{Another(freeId, data, secret)}}
              TOKEN=$({{curl}} -u {{(secret is null ? $"{freeId}:$SECRET" : $"{DemoAccounts.ClientId}:{secret}")}} -d grant_type=client_credentials https://localhost:8443/oauth/token | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
              {{curl}} -i -H "Authorization: Bearer $TOKEN" https://localhost:8443/api/hello

              # a limit reached: 20 requests a minute, then 429
              for i in $(seq 30); do {{curl}} -o /dev/null -w '%{http_code} ' -H "Authorization: Bearer $TOKEN" https://localhost:8443/api/hello; done; echo

              # in a browser: sign in as the administrator, set up a second factor, then open /api/hello. The service gets a token for you, never your cookie.
              #   https://localhost:8443/account   (the certificate is a development one: the browser warns)

              # what was decided, and why
              tail -n 3 {{data}}/decisions.jsonl

            Stop with Ctrl+C. For a configuration of your own: {{Program()}} init mygate

            """);
        return text.ToString();
    }

    // The secret was shown at the first run, and is kept nowhere. A node takes a new client within a second.
    private static string Another(string freeId, string data, string? secret)
        => secret is not null
            ? string.Empty
            : $"""
               (a new client's: the first one's secret was shown at the first run only)
                SECRET=$({Program()} client add {freeId} -p demo:read -p demo:write --data {data} --output json | sed 's/.*"secret":"\([^"]*\)".*/\1/'); sleep 1
              """;

    private static string FreeId(IReadOnlyList<OAuthClient> clients)
    {
        var taken = clients.Select(client => client.Id).ToHashSet(StringComparer.Ordinal);
        var number = 2;
        while (taken.Contains(DemoAccounts.ClientId + number)) number++;
        return DemoAccounts.ClientId + number;
    }

    // As a shell finds it, from whatever place this process was started.
    private static string Program()
    {
        var process = Environment.ProcessPath ?? "portcullis";
        return Path.GetFileNameWithoutExtension(process) == "dotnet"
            ? $"{Quote(process)} {Quote(Path.Combine(AppContext.BaseDirectory, "portcullis.dll"))}"
            : Quote(process);
    }

    private static string Quote(string path) => path.All(static c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_') ? path : $"'{path.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
