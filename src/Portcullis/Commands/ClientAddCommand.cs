using System.CommandLine;
using System.Text.Json;
using Portcullis.Control.Identity.Clients;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Identity.Certificates;
using Portcullis.Gateway.Identity.Clients;
using Portcullis.Gateway.Identity.Roles;
using Portcullis.Trust.Keys;

namespace Portcullis.Commands;

/// <summary><c>client add</c>: registers a program, with one way to prove itself and the grants that it may use.</summary>
internal static class ClientAddCommand
{
    private static readonly Argument<string> Id = new("ID") { Description = "client_id: letters, digits, dots, hyphens and underscores" };

    private static readonly Option<string[]> Permissions = Many("--permission", "resource:action that its tokens may carry; may be repeated", "-p");

    private static readonly Option<string[]> Grants =
        Many("--grant", "What it may use: client_credentials (default), authorization_code, refresh_token, token_exchange; may be repeated");

    private static readonly Option<string[]> Redirects = Many("--redirect-uri", "Where codes may be sent: https, an app's own scheme, or http on a loopback address; may be repeated");

    private static readonly Option<bool> IsPublic = new("--public") { Description = "It can keep no secret, as an app on people's devices, and proves itself by PKCE alone" };

    private static readonly Option<FileInfo?> Key = new("--key") { Description = "File with its public keys, as JWKS or PEM: it proves itself by private_key_jwt and has no secret" };

    private static readonly Option<string?> KeysUri = new("--keys-uri") { Description = "Where it publishes its public keys as JWKS: as --key, and it may replace them by itself" };

    private static readonly Option<string[]> Audiences = Many("--exchange-audience", "For whom it may have tokens made by token_exchange; may be repeated");

    private static readonly Option<string?> Certificate = new("--certificate")
    {
        Description = "The certificate that it shows, by fingerprint:, subject:, dns: or uri:; it then has no secret, and its tokens are bound to that certificate",
    };

    private static readonly Option<string?> Tenant = new("--tenant") { Description = "The tenant that it belongs to; it gets tokens for people of that tenant alone" };

    public static Command Create()
    {
        var output = OutputOption.Create();
        return CommandStore.Verb(new("add", "Registers a client and prints its secret, once") { Id, Permissions, Grants, Redirects, IsPublic, Key, KeysUri, Certificate, Audiences, Tenant, output }, async (parsed, store) =>
        {
            var (client, defect) = await ReadAsync(parsed);
            if (client is null) return Complaint.Write(parsed, Printing.Printable(defect!.Message), defect.Hint);

            string? secret = null;
            if (client.Authentication == ClientAuthenticationMethod.Secret)
            {
                secret = Secret.Generate().Reveal();
                client = client with { SecretHash = OAuthClient.HashSecret(secret) };
            }

            // Which permissions exclude each other stands in the configuration: without one there is nothing to hold them against.
            var roles = RoleSet.Empty;
            if (store.HasConfiguration)
            {
                if (store.Roles() is not { } defined) return 1;
                roles = defined;
            }

            var (isAdded, refusal) = await (await store.ClientsAsync()).AddAsync(client, roles);
            if (refusal is not null) return Complaint.Write(parsed, $"client {client.Id} is not added: {refusal}", "register two clients, or leave one of the permissions out");
            if (!isAdded) return Complaint.Write(parsed, $"there is a client {client.Id} already", "choose another id, or disable it and add a new one");
            parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(output) == OutputOption.Json
                ? JsonSerializer.Serialize(ClientDescription.Of(client) with { Secret = secret }, ClientDescription.Json)
                : secret is null ? $"client {client.Id} added" : $"client {client.Id} added; its secret, shown only now:\n{secret}");
            return 0;
        });
    }

    private static async Task<(OAuthClient? Client, ClientDefect? Defect)> ReadAsync(ParseResult parsed)
    {
        var keys = ReadOnlyMemory<byte>.Empty;
        if (parsed.GetValue(Key) is { } file)
        {
            var (read, unreadable) = await ReadFileAsync(file.FullName);
            if (unreadable is not null) return (null, unreadable);
            keys = read;
        }

        Uri? keysUri = null;
        if (parsed.GetValue(KeysUri) is { } uri && !Uri.TryCreate(uri, UriKind.Absolute, out keysUri)) return (null, new ClientDefect($"'{uri}' is no absolute URL", "write https://host/path"));

        var certificate = parsed.GetValue(Certificate);
        var hasKeys = !keys.IsEmpty || keysUri is not null;
        string[] grants = [.. Words(Grants).Select(word => word is "token_exchange" or "token-exchange" ? GrantNames.TokenExchange : word)];
        var client = new OAuthClient(parsed.GetRequiredValue(Id), default, Words(Permissions), IsDisabled: false)
        {
            Authentication = parsed.GetValue(IsPublic) ? ClientAuthenticationMethod.None
                : hasKeys ? ClientAuthenticationMethod.PrivateKeyJwt
                : certificate is not null ? ClientAuthenticationMethod.Certificate
                : ClientAuthenticationMethod.Secret,
            Grants = grants.Length == 0 ? [GrantNames.ClientCredentials] : grants,
            RedirectUris = Words(Redirects),
            Keys = keys,
            KeysUri = keysUri,
            ExchangeAudiences = Words(Audiences),

            // In its one form, by which it is found again.
            Certificate = certificate is not null && CertificateName.TryParse(certificate, out var name, out _) ? name.Key : certificate,
            Tenant = parsed.GetValue(Tenant),
        };
        return ClientRegistration.Judge(client) is { } defect ? (null, defect) : (client, null);

        string[] Words(Option<string[]> option) => [.. (parsed.GetValue(option) ?? []).Distinct(StringComparer.Ordinal)];
    }

    private static async Task<(ReadOnlyMemory<byte> Keys, ClientDefect? Defect)> ReadFileAsync(string path)
    {
        // One octet more than may be: what is longer shows without being read.
        var content = new byte[ClientKeyFile.MaximumSize + 1];
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read);
        var length = await stream.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false);
        return ClientKeyFile.Read(content.AsSpan(0, length));
    }

    private static Option<string[]> Many(string name, string description, params string[] aliases) => new(name, aliases) { Description = description, AllowMultipleArgumentsPerToken = true };
}
