using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>Whose tokens count, compiled from the identity section. Two equal sections give equal values, so that a reload keeps what was verified.</summary>
/// <param name="issuer">The gateway's own issuer.</param>
/// <param name="audience">What the gateway's own tokens must name as audience.</param>
/// <param name="external">Outside issuers.</param>
public sealed class TrustedIssuers(string issuer, string audience, IEnumerable<ExternalIssuerOptions> external) : IEquatable<TrustedIssuers>
{
    private readonly ExternalIssuerOptions[] external = [.. external];

    public string Issuer => issuer;

    public string Audience => audience;

    public static TrustedIssuers From(IdentityOptions identity) => new(identity.Issuer, identity.Audience ?? identity.Issuer, identity.ExternalIssuers);

    /// <summary>The outside issuer of that name, or null. Compared octet by octet (RFC 8414 §2).</summary>
    public ExternalIssuerOptions? FindExternal(string name)
    {
        foreach (var one in external)
        {
            if (one.Issuer == name) return one;
        }

        return null;
    }

    /// <summary>Asked for each request with a known token: no allocation.</summary>
    public bool Equals(TrustedIssuers? other)
        => ReferenceEquals(this, other) || (other is not null && Issuer == other.Issuer && Audience == other.Audience && external.AsSpan().SequenceEqual(other.external));

    public override bool Equals(object? obj) => Equals(obj as TrustedIssuers);

    public override int GetHashCode() => HashCode.Combine(Issuer, Audience, external.Length);
}
