using System.Collections.Frozen;

namespace Portcullis.Gateway.Pipeline;

/// <summary>
/// Who sends the request, as established by the Authenticate stage. Immutable: one instance serves all requests that present
/// the same credential until it expires or is revoked.
/// </summary>
public sealed class Caller
{
    /// <summary>The caller of routes that say <c>authenticate: none</c>: nobody, with no permission.</summary>
    public static readonly Caller Anonymous = new(string.Empty, string.Empty, []);

    public Caller(string subject, string clientId, IEnumerable<string> permissions)
    {
        Subject = subject;
        ClientId = clientId;
        Permissions = permissions.ToFrozenSet(StringComparer.Ordinal);
        PermissionsHeader = string.Join(' ', Permissions.Order(StringComparer.Ordinal));
        LimitKey = subject.Length == 0 ? string.Empty : clientId + "\n" + subject;
    }

    /// <summary>The token's <c>sub</c>; empty for <see cref="Anonymous"/>.</summary>
    public string Subject { get; }

    /// <summary>The OAuth client that acts (<c>client_id</c>); empty when not known.</summary>
    public string ClientId { get; }

    /// <summary>Permissions <c>resource:action</c>; empty means none.</summary>
    public FrozenSet<string> Permissions { get; }

    /// <summary>The permissions, sorted and joined by spaces, as the upstream is told them.</summary>
    public string PermissionsHeader { get; }

    /// <summary>What limits by caller count under: client and subject together. Empty for <see cref="Anonymous"/>.</summary>
    public string LimitKey { get; }

    public bool IsAnonymous => Subject.Length == 0;
}
