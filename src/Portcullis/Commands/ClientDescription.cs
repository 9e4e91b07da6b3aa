using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Identity.Clients;
using Portcullis.Trust.Tokens;

namespace Portcullis.Commands;

/// <summary>A client as verbs print it; its secret only where it was made just now.</summary>
internal sealed record ClientDescription(
    string Id,
    string? Secret,
    IReadOnlyList<string> Permissions,
    bool Disabled,
    string Authentication,
    IReadOnlyList<string> Grants,
    IReadOnlyList<string>? RedirectUris,
    IReadOnlyList<string>? KeyIds,
    string? KeysUri,
    IReadOnlyList<string>? ExchangeAudiences,
    string? Certificate,
    string? Tenant)
{
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static ClientDescription Of(OAuthClient client) => new(
        client.Id,
        null,
        client.Permissions,
        client.IsDisabled,
        client.Authentication switch
        {
            ClientAuthenticationMethod.Secret => "secret",
            ClientAuthenticationMethod.PrivateKeyJwt => "private_key_jwt",
            ClientAuthenticationMethod.Certificate => "tls_client_auth",
            _ => "none",
        },
        [.. client.Grants.Select(ClientCommand.ShortName)],
        client.RedirectUris.Count == 0 ? null : client.RedirectUris,
        JsonWebKeySet.TryParse(client.Keys.Span, out var keys, out _) ? [.. keys.Keys.Select(key => key.Id)] : null,
        client.KeysUri?.AbsoluteUri,
        client.ExchangeAudiences.Count == 0 ? null : client.ExchangeAudiences,
        client.Certificate,
        client.Tenant);

    /// <summary>A line with what every client has, and one behind for each thing that only some have.</summary>
    public IEnumerable<string> Lines()
    {
        yield return $"{Id}{(Disabled ? " (disabled)" : string.Empty)}  {string.Join(' ', Permissions)}";
        if (Authentication != "secret" || Grants is not [GrantNames.ClientCredentials]) yield return $"  {string.Join(' ', Grants)}, {(Authentication == "none" ? "public" : Authentication)}";
        if (RedirectUris is not null) yield return "  redirects to " + string.Join(' ', RedirectUris);
        if (KeyIds is not null) yield return "  keys " + string.Join(' ', KeyIds.Select(Printing.Printable));
        if (KeysUri is not null) yield return "  keys at " + KeysUri;
        if (Certificate is not null) yield return "  certificate " + Printing.Printable(Certificate);
        if (Tenant is not null) yield return "  tenant " + Tenant;
        if (ExchangeAudiences is not null) yield return "  exchanges for " + string.Join(' ', ExchangeAudiences);
    }
}
