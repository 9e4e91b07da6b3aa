using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Identity;

/// <summary>The metadata of the token service (RFC 8414 §2; OpenID Connect Discovery §3). Lists only what works.</summary>
internal static class DiscoveryDocument
{
    public static ReadOnlyMemory<byte> Create(IdentityOptions identity) => JsonBody.Create(json =>
    {
        var issuer = identity.Issuer.TrimEnd('/');
        json.WriteString("issuer"u8, identity.Issuer);
        json.WriteString("token_endpoint"u8, issuer + BuiltInRoutes.TokenPath);
        json.WriteString("jwks_uri"u8, issuer + BuiltInRoutes.JwksPath);
        Array("grant_types_supported", "client_credentials");
        Array("token_endpoint_auth_methods_supported", "client_secret_basic", "client_secret_post");
        Array("response_types_supported");
        Array("access_token_signing_alg_values_supported", identity.AccessToken.Algorithm);

        void Array(string name, params ReadOnlySpan<string> values)
        {
            json.WriteStartArray(name);
            foreach (var value in values) json.WriteStringValue(value);
            json.WriteEndArray();
        }
    });
}
