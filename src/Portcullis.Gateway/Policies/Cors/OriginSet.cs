using System.Collections.Frozen;

namespace Portcullis.Gateway.Policies.Cors;

/// <summary>The origins that a route allows. Immutable; a look-up allocates nothing.</summary>
internal sealed class OriginSet
{
    public const string Any = "*";
    public const string Opaque = "null";

    /// <summary>Longest serialized origin that is looked at: far beyond what a host name of 253 characters needs.</summary>
    private const int MostCharacters = 512;

    private readonly FrozenSet<string> exact;
    private readonly OriginPattern[] wildcards;

    public OriginSet(IEnumerable<OriginPattern> patterns, bool allowsAny, bool allowsOpaque)
    {
        AllowsAny = allowsAny;
        var all = patterns.ToList();
        var names = all.Where(pattern => pattern.IsExact).Select(pattern => pattern.Before);
        exact = (allowsOpaque ? names.Append(Opaque) : names).ToFrozenSet(StringComparer.Ordinal);
        wildcards = [.. all.Where(pattern => !pattern.IsExact)];
    }

    /// <summary>Whether every origin is allowed.</summary>
    public bool AllowsAny { get; }

    public bool Allows(string origin)
    {
        if (AllowsAny) return true;
        if (origin.Length > MostCharacters) return false;
        if (exact.Contains(origin)) return true;
        foreach (var pattern in wildcards)
        {
            if (pattern.Matches(origin)) return true;
        }

        return false;
    }
}
