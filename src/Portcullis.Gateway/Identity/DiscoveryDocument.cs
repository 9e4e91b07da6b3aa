using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity.People;

namespace Portcullis.Gateway.Identity;

/// <summary>The metadata of the token service (RFC 8414 §2; OpenID Connect Discovery §3). Lists only what works.</summary>
internal static class DiscoveryDocument
{
    /// <param name="identity">The identity section.</param>
    /// <param name="services">What there is to offer.</param>
    /// <param name="grants">The grants of the token endpoint.</param>
    /// <param name="asksForCertificates">Whether clients can show certificates.</param>
    public static ReadOnlyMemory<byte> Create(IdentityOptions identity, IdentityServices services, IReadOnlyList<string> grants, bool asksForCertificates) => JsonBody.Create(json =>
    {
        var issuer = identity.Issuer.TrimEnd('/');
        ReadOnlySpan<string> secrets = ["client_secret_basic", "client_secret_post"];
        ReadOnlySpan<string> keys = services.Assertions is null ? secrets : [.. secrets, "private_key_jwt"];
        ReadOnlySpan<string> all = asksForCertificates ? [.. keys, "tls_client_auth"] : keys;
        json.WriteString("issuer"u8, identity.Issuer);
        json.WriteString("token_endpoint"u8, issuer + BuiltInRoutes.TokenPath);
        json.WriteString("jwks_uri"u8, issuer + BuiltInRoutes.JwksPath);
        Array("grant_types_supported", [.. grants]);
        Array("token_endpoint_auth_methods_supported", services.OffersCodes ? [.. all, "none"] : all);
        Algorithms("token_endpoint");
        json.WriteBoolean("tls_client_certificate_bound_access_tokens"u8, asksForCertificates);
        Array("access_token_signing_alg_values_supported", identity.AccessToken.Algorithm);
        json.WriteString("introspection_endpoint"u8, issuer + BuiltInRoutes.IntrospectionPath);
        Array("introspection_endpoint_auth_methods_supported", all);
        Algorithms("introspection_endpoint");
        if (services.Revocations is not null)
        {
            json.WriteString("revocation_endpoint"u8, issuer + BuiltInRoutes.RevocationPath);
            Array("revocation_endpoint_auth_methods_supported", services.OffersCodes ? [.. all, "none"] : all);
            Algorithms("revocation_endpoint");
        }

        if (!services.OffersCodes)
        {
            Array("response_types_supported");
            return;
        }

        json.WriteString("authorization_endpoint"u8, issuer + BuiltInRoutes.AuthorizationPath);
        json.WriteString("userinfo_endpoint"u8, issuer + BuiltInRoutes.UserInfoPath);
        Array("response_types_supported", "code");
        Array("response_modes_supported", "query");
        Array("code_challenge_methods_supported", Trust.Tokens.ProofKey.Method);
        json.WriteBoolean("authorization_response_iss_parameter_supported"u8, true);
        Array("scopes_supported", [.. Grants.Scopes.OfOpenId]);
        Array("subject_types_supported", "public");
        Array("id_token_signing_alg_values_supported", identity.AccessToken.Algorithm);
        Array("claims_supported", "iss", "sub", "aud", "exp", "iat", "auth_time", "amr", "nonce", "sid", "at_hash", "name", "preferred_username", "email", "email_verified");
        Array("acr_values_supported", SeveralFactors.Method);
        Array("prompt_values_supported", "none", "login", "consent", "select_account");
        json.WriteBoolean("claims_parameter_supported"u8, false);
        json.WriteBoolean("request_parameter_supported"u8, false);
        json.WriteBoolean("request_uri_parameter_supported"u8, false);

        // RFC 8414 §2: where private_key_jwt is offered, by which algorithms.
        void Algorithms(string endpoint)
        {
            if (services.Assertions is not null) Array(endpoint + "_auth_signing_alg_values_supported", "RS256", "ES256");
        }

        void Array(string name, params ReadOnlySpan<string> values)
        {
            json.WriteStartArray(name);
            foreach (var value in values) json.WriteStringValue(value);
            json.WriteEndArray();
        }
    });
}
