using System.Collections.Frozen;
using System.Text;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Pipeline;

/// <summary>
/// Who sends the request, as established by the Authenticate stage. Immutable: one instance serves all requests that present
/// the same credential until it expires or is revoked.
/// </summary>
public sealed class Caller
{
    /// <summary>The caller of routes that say <c>authenticate: none</c>: nobody, with no permission.</summary>
    public static readonly Caller Anonymous = new(string.Empty, string.Empty, []);

    /// <param name="subject">The token's <c>sub</c>.</param>
    /// <param name="clientId">The OAuth client that acts; empty when not known.</param>
    /// <param name="permissions">What the caller may do.</param>
    /// <param name="issuer">The outside issuer that vouches for all this; empty for the gateway's own.</param>
    public Caller(string subject, string clientId, IEnumerable<string> permissions, string issuer = "")
    {
        Subject = subject;
        ClientId = clientId;
        Issuer = issuer;
        Permissions = permissions.ToFrozenSet(StringComparer.Ordinal);
        PermissionsHeader = string.Join(' ', Permissions.Order(StringComparer.Ordinal));
        LimitKey = subject.Length == 0 ? string.Empty : $"{issuer}\n{clientId}\n{subject}";
        Label = issuer.Length == 0 ? subject : $"{issuer} {subject}";
        LabelOctets = Encoding.UTF8.GetBytes(Label);
        IsOurs = issuer.Length == 0 && !subject.Contains(' ', StringComparison.Ordinal);
    }

    /// <summary>The token's <c>sub</c>; empty for <see cref="Anonymous"/>.</summary>
    public string Subject { get; }

    /// <summary>The OAuth client that acts (<c>client_id</c>); empty when not known.</summary>
    public string ClientId { get; }

    /// <summary>The outside issuer of the token; empty for the gateway's own. Two issuers may mean two people by one subject.</summary>
    public string Issuer { get; }

    /// <summary>The subject as records name it: after its issuer and a space where that is an outside one.</summary>
    public string Label { get; }

    /// <summary><see cref="Label"/> in UTF-8.</summary>
    internal ReadOnlyMemory<byte> LabelOctets { get; }

    /// <summary>
    /// Whether the subject is one of the gateway's own. Subjects of outside issuers are not: neither by their own tokens, nor by exchanged ones, where they stand behind their
    /// issuer and a space.
    /// </summary>
    internal bool IsOurs { get; }

    /// <summary>Permissions <c>resource:action</c>; empty means none.</summary>
    public FrozenSet<string> Permissions { get; }

    /// <summary>The permissions, sorted and joined by spaces, as the upstream is told them.</summary>
    public string PermissionsHeader { get; }

    /// <summary>What limits by caller count under: issuer, client and subject together. Empty for <see cref="Anonymous"/>.</summary>
    public string LimitKey { get; }

    /// <summary>The tenant that the caller belongs to; empty for none.</summary>
    public string Tenant { get; init; } = string.Empty;

    /// <summary>How and when a person proved who they are; null for programs, and where the credential does not tell.</summary>
    public AuthenticationEvent? Authentication { get; init; }

    /// <summary>The API key that was presented, by its id, which is no secret; empty for none.</summary>
    public string KeyId { get; init; } = string.Empty;

    /// <summary>
    /// Whether a person who signed in with one factor would have a permission, which they lack, after a sign-in with several. Null where that would change nothing.
    /// </summary>
    internal Func<string, bool>? WouldHold { get; init; }

    /// <summary>Roles that a token made for the upstream tells.</summary>
    internal IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>The session that the credential ends with; null for none.</summary>
    internal string? SessionId { get; init; }

    /// <summary>The grant that the credential ends with; null for none.</summary>
    internal string? GrantId { get; init; }

    /// <summary>From when on the credential does not count any more. What is made of it lives no longer.</summary>
    internal DateTimeOffset Expires { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>Whether the credential counts only with the certificate of the connection that it came on.</summary>
    internal bool IsBoundToCertificate { get; init; }

    /// <summary>The same caller, in all else, with these permissions and roles alone.</summary>
    internal Caller WithOnly(IEnumerable<string> permissions, IReadOnlyList<string> roles, Func<string, bool>? wouldHold = null) => new(Subject, ClientId, permissions, Issuer)
    {
        Tenant = Tenant,
        Authentication = Authentication,
        KeyId = KeyId,
        Roles = roles,
        SessionId = SessionId,
        GrantId = GrantId,
        Expires = Expires,
        IsBoundToCertificate = IsBoundToCertificate,
        WouldHold = wouldHold ?? WouldHold,
    };

    public bool IsAnonymous => Subject.Length == 0;
}
