using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>Whose tokens count, compiled from the identity section. Two equal sections give equal values, so that a reload keeps what was verified.</summary>
/// <param name="Issuer">The gateway's own issuer.</param>
/// <param name="Audience">What the gateway's own tokens must name as audience.</param>
/// <param name="External">Outside issuers by identifier.</param>
public sealed record TrustedIssuers(string Issuer, string Audience, IReadOnlyList<ExternalIssuerOptions> External)
{
    public static TrustedIssuers From(IdentityOptions identity) => new(identity.Issuer, identity.Audience ?? identity.Issuer, identity.ExternalIssuers);

    /// <summary>The outside issuer of that name, or null. Compared octet by octet (RFC 8414 §2).</summary>
    public ExternalIssuerOptions? FindExternal(string issuer)
    {
        foreach (var external in External)
        {
            if (external.Issuer == issuer) return external;
        }

        return null;
    }

    public bool Equals(TrustedIssuers? other)
        => other is not null && Issuer == other.Issuer && Audience == other.Audience && External.SequenceEqual(other.External);

    public override int GetHashCode() => HashCode.Combine(Issuer, Audience, External.Count);
}
