using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Portcullis.Gateway.Routing;

namespace Portcullis.Gateway.Policies.Cors;

/// <summary>
/// One origin of the configuration, in the serialization that browsers send (RFC 6454 §6.2): lower case, no path, no default port.
/// With a wildcard it stands for every subdomain, at any depth, of the same scheme and port; not for the domain itself.
/// </summary>
/// <param name="Before">The whole origin, or scheme and <c>://</c> where there is a wildcard.</param>
/// <param name="After">Null, or the domain with its leading dot, and the port.</param>
internal readonly record struct OriginPattern(string Before, string? After)
{
    private static readonly SearchValues<char> LabelCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-.");
    private static readonly SearchValues<char> SchemeCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789+-.");

    public bool IsExact => After is null;

    public string Scheme => Before[..Before.IndexOf(':', StringComparison.Ordinal)];

    public bool Matches(ReadOnlySpan<char> origin)
    {
        if (After is null) return origin.SequenceEqual(Before);
        if (origin.Length <= Before.Length + After.Length || !origin.StartsWith(Before) || !origin.EndsWith(After)) return false;

        // What stands for the wildcard is nothing but host labels: no port, user, path or fragment can hide in it.
        var labels = origin[Before.Length..^After.Length];
        return !labels.ContainsAnyExcept(LabelCharacters) && labels[0] is not ('.' or '-') && labels[^1] is not ('.' or '-') && labels.IndexOf("..") < 0;
    }

    /// <summary>Reads an origin other than <c>*</c> and <c>null</c>; on failure the error tells what to write.</summary>
    public static bool TryParse(string text, out OriginPattern pattern, [NotNullWhen(false)] out RouteError? error)
    {
        pattern = default;
        var end = text.IndexOf("://", StringComparison.Ordinal);
        if (end <= 0 || !char.IsAsciiLetterLower(text[0]) || text.AsSpan(0, end).ContainsAnyExcept(SchemeCharacters))
            return Fail("it does not begin with a scheme in lower case", "write an origin as browsers send it, such as https://app.example.com", out error);

        var scheme = text[..end];
        var authority = text[(end + 3)..];
        if (authority.AsSpan().ContainsAny("/?#@\\"))
            return Fail("it has more than scheme, host and port", $"write {scheme}://{authority[..authority.AsSpan().IndexOfAny("/?#@\\")]}", out error);

        var isWildcard = authority.StartsWith("*.", StringComparison.Ordinal);
        var host = isWildcard ? authority[2..] : authority;
        if (!HostName.TryNormalise(host, out var name, out _) || host.EndsWith(':'))
            return Fail("its host is not valid", "write a host name or address, and a port where it is not the default; *. may stand before the name", out error);

        var port = name.Port == 0 || (scheme, name.Port) is ("https", 443) or ("http", 80) ? string.Empty : $":{name.Port}";
        var normal = name.Name.ToString() + port;
        if (normal != host) return Fail("it is not in the form that browsers send", $"write {scheme}://{(isWildcard ? "*." : string.Empty)}{normal}", out error);
        if (isWildcard && !normal.Contains('.', StringComparison.Ordinal)) return Fail("it stands for all of a top-level domain", "name the domain whose subdomains are meant: https://*.example.com", out error);

        pattern = isWildcard ? new OriginPattern(scheme + "://", "." + normal) : new OriginPattern(text, null);
        error = null;
        return true;
    }

    private static bool Fail(string text, string hint, out RouteError? error)
    {
        error = new RouteError(text, hint);
        return false;
    }
}
