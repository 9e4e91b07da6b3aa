using Microsoft.Extensions.Primitives;

namespace Portcullis.Control.Identity.Account;

/// <summary>
/// Reads cookies of ours (RFC 6265 §4.2.1). One that is there twice counts as not there: browsers send one of a <c>__Host-</c> name, so a second one was put there by somebody
/// else, and which is whose can't be told.
/// </summary>
internal static class BrowserCookies
{
    /// <summary>Value of the one cookie of this name; null where there is none, or more than one.</summary>
    public static string? Find(StringValues fields, string name)
    {
        string? found = null;
        foreach (var field in fields)
        {
            foreach (var range in field.AsSpan().Split(';'))
            {
                var pair = field.AsSpan()[range].Trim(' ');
                if (pair.Length <= name.Length || pair[name.Length] != '=' || !pair.StartsWith(name, StringComparison.Ordinal)) continue;
                if (found is not null) return null;
                found = pair[(name.Length + 1)..].ToString();
            }
        }

        return found;
    }
}
