using System.Buffers;

namespace Portcullis.Control.Identity.Account;

/// <summary>Where a browser goes after signing in: a path and query of this same host, and nothing that a browser could read as another's (CWE-601).</summary>
internal static class ReturnPath
{
    /// <summary>Where to without any wish.</summary>
    public const string Usual = AccountPaths.Overview;

    /// <summary>Characters of the longest that is taken: an authorization request with a long state. Who brings a longer one ends up at <see cref="Usual"/>.</summary>
    public const int MaximumLength = 4096;

    // RFC 3986 §3.3 and §3.4, what browsers leave unencoded in a query besides, and no backslash: to a browser that is a slash.
    private static readonly SearchValues<char> Allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?%|[]{}^`");

    /// <summary>The path where it is one that may be gone to; else <see cref="Usual"/>.</summary>
    public static string Read(string? wanted)
    {
        if (wanted is null || wanted.Length is 0 or > MaximumLength || wanted[0] != '/' || wanted.AsSpan().ContainsAnyExcept(Allowed)) return Usual;

        // "//host" is another host's.
        if (wanted.Length > 1 && wanted[1] == '/') return Usual;

        // Back to where one signs in, or out, would go round in a circle.
        return IsAt(wanted, AccountPaths.SignIn) || IsAt(wanted, AccountPaths.SignOut) ? Usual : wanted;
    }

    /// <summary>Whether it is one of the pages here, to which a form may lead without a page between.</summary>
    public static bool IsOwn(string path) => IsAt(path, AccountPaths.Overview);

    private static bool IsAt(string path, string root)
        => path.StartsWith(root, StringComparison.Ordinal) && (path.Length == root.Length || path[root.Length] is '/' or '?');
}
