using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace Portcullis.Gateway.Policies.Transform;

/// <summary>
/// Names of request fields in all spellings that an upstream may take for them: CGI and its heirs can't tell <c>X_Tenant</c> from
/// <c>X-Tenant</c> (RFC 3875 §4.1.18). Immutable.
/// </summary>
internal sealed class FieldSpellings
{
    private readonly FrozenSet<string> names;
    private readonly string[] written;
    private readonly string[] hyphenated;

    public FieldSpellings(IEnumerable<string> names)
    {
        written = [.. names];
        hyphenated = [.. written.Where(name => name.Contains('_', StringComparison.Ordinal)).Select(Hyphenated)];
        this.names = written.Select(Hyphenated).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Takes the fields out.</summary>
    /// <param name="headers">A request's header or trailer fields.</param>
    /// <param name="hasUnderscores">Whether any name there has an underscore. Few have, and only then are the fields walked, which Kestrel allocates for.</param>
    public void RemoveFrom(IHeaderDictionary headers, bool hasUnderscores)
    {
        foreach (var name in written) headers.Remove(name);
        foreach (var name in hyphenated) headers.Remove(name);
        if (!hasUnderscores || names.Count == 0) return;

        List<string>? found = null;
        foreach (var (name, _) in headers)
        {
            if (name.Contains('_', StringComparison.Ordinal) && names.Contains(Hyphenated(name))) (found ??= []).Add(name);
        }

        if (found is null) return;
        foreach (var name in found) headers.Remove(name);
    }

    private static string Hyphenated(string name) => name.Replace('_', '-');
}
