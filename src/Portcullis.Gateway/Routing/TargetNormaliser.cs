using System.Buffers;

namespace Portcullis.Gateway.Routing;

/// <summary>
/// Reads the raw request target once, into the form that is routed, inspected and forwarded; what could be read in two ways is refused.
/// The rules, one test each, stand in <c>docs/configuration/routing.md</c>. A target that is already normal costs no allocation.
/// Thread-safe: no state.
/// </summary>
internal static class TargetNormaliser
{
    /// <summary>Below this many characters the rewritten path is built on the stack.</summary>
    private const int StackLength = 768;

    /// <summary>
    /// Reads <paramref name="raw"/>, in which each character is one octet.
    /// </summary>
    /// <param name="raw">The target as it came over the wire.</param>
    /// <param name="method">The method; decides on <c>*</c> and CONNECT.</param>
    /// <param name="host">The normalised Host, for comparison with an absolute-form target.</param>
    /// <param name="source">Where the target comes from, which decides the forms it may have.</param>
    /// <param name="options">Limits and choices.</param>
    /// <param name="target">The normal form; <c>default</c> when refused.</param>
    /// <param name="broken">The rule that was broken; <see cref="TargetRule.None"/> when accepted.</param>
    /// <returns>Whether the target is accepted.</returns>
    public static bool TryNormalise(
        string raw,
        ReadOnlySpan<char> method,
        in HostName host,
        TargetSource source,
        TargetOptions options,
        out RequestTarget target,
        out TargetRule broken)
    {
        target = default;

        // 1. CONNECT asks for a tunnel; only its extended form has a path.
        var isConnect = method is "CONNECT";
        if (isConnect != (source == TargetSource.ExtendedConnect))
        {
            // RFC 9110 §9.3.6: its target is a host and a port.
            broken = isConnect && !(HostName.TryNormalise(raw, out var tunnel, out _) && tunnel.Port > 0) ? TargetRule.Form : TargetRule.Connect;
            return false;
        }

        // 2. Origin form.
        if (raw.StartsWith('/'))
            return TryNormaliseOrigin(raw, start: 0, TargetForm.Origin, options, out target, out broken);

        // 3. Asterisk form (RFC 9112 section 3.2.4).
        if (raw is "*" && !isConnect)
            return TryAsterisk(method, out target, out broken);

        // 4. Absolute form (RFC 9112 section 3.2.2), which HTTP/2 does not have in :path.
        if (source == TargetSource.RequestLine)
            return TryNormaliseAbsolute(raw, method, host, options, out target, out broken);

        broken = TargetRule.Form;
        return false;
    }

    /// <summary>Normalises a path without query by the same rules, for paths written in the configuration.</summary>
    internal static bool TryNormalisePath(string path, TargetOptions options, out string normal, out TargetRule broken)
    {
        normal = "";
        if (!TryNormaliseOrigin(path, start: 0, TargetForm.Origin, options, out var target, out broken))
            return false;

        normal = target.Value;
        return true;
    }

    private static bool TryAsterisk(ReadOnlySpan<char> method, out RequestTarget target, out TargetRule broken)
    {
        if (method is not "OPTIONS")
        {
            target = default;
            broken = TargetRule.Asterisk;
            return false;
        }

        target = new RequestTarget("*", 1, TargetForm.Asterisk);
        broken = TargetRule.None;
        return true;
    }

    private static bool TryNormaliseAbsolute(
        string raw, ReadOnlySpan<char> method, in HostName host, TargetOptions options, out RequestTarget target, out TargetRule broken)
    {
        target = default;
        var schemeEnd = raw.IndexOf("://", StringComparison.Ordinal);
        if (schemeEnd <= 0)
        {
            broken = TargetRule.Form;
            return false;
        }

        var scheme = raw.AsSpan(0, schemeEnd);
        var defaultPort = scheme.Equals("https", StringComparison.OrdinalIgnoreCase) ? 443
            : scheme.Equals("http", StringComparison.OrdinalIgnoreCase) ? 80
            : 0;
        if (defaultPort == 0)
        {
            broken = TargetRule.Scheme;
            return false;
        }

        var authorityStart = schemeEnd + 3;
        var authorityLength = raw.AsSpan(authorityStart).IndexOfAny("/?#\\");
        var authorityEnd = authorityLength < 0 ? raw.Length : authorityStart + authorityLength;
        var authority = raw.AsSpan(authorityStart, authorityEnd - authorityStart);
        if (authority.Contains('@'))
        {
            broken = TargetRule.UserInformation;
            return false;
        }

        // RFC 9112 section 3.2.2 lets a proxy take the authority over Host. Two names for one request is a way around rules: both must agree.
        if (!HostName.TryNormalise(authority.ToString(), out var named, out _) || !named.IsSameAuthority(host, defaultPort))
        {
            broken = TargetRule.Authority;
            return false;
        }

        // RFC 9112 section 3.2.4: OPTIONS for a URI without path and query is about the server.
        if (authorityEnd == raw.Length && method is "OPTIONS")
            return TryAsterisk(method, out target, out broken);

        return authorityEnd < raw.Length && raw[authorityEnd] == '/'
            ? TryNormaliseOrigin(raw, authorityEnd, TargetForm.Absolute, options, out target, out broken)
            : TryNormaliseOrigin(string.Concat("/", raw.AsSpan(authorityEnd)), start: 0, TargetForm.Absolute, options, out target, out broken);
    }

    /// <summary>Reads path and query from <paramref name="start"/>, where a slash stands.</summary>
    private static bool TryNormaliseOrigin(string raw, int start, TargetForm form, TargetOptions options, out RequestTarget target, out TargetRule broken)
    {
        target = default;
        var text = raw.AsSpan(start);

        // 1. Where the path ends. The usual path holds nothing but plain characters, and this one scan has seen all of it.
        var plain = text.IndexOfAnyExcept(TargetCharacters.Path);
        var isPlain = plain < 0 || text[plain] == '?';
        var pathLength = plain < 0 ? text.Length : plain;
        if (!isPlain)
        {
            var question = text[plain..].IndexOf('?');
            pathLength = question < 0 ? text.Length : plain + question;
        }

        // 2. Lengths, before anything is worked on.
        if (pathLength > options.MaximumPathLength)
        {
            broken = TargetRule.PathLength;
            return false;
        }

        if (text.Length - pathLength - 1 > options.MaximumQueryLength)
        {
            broken = TargetRule.QueryLength;
            return false;
        }

        // 3. The query is kept as sent; what it means is for the inspection to judge.
        var odd = text[pathLength..].IndexOfAnyExcept(TargetCharacters.Query);
        if (odd >= 0)
        {
            broken = text[pathLength + odd] == '#' ? TargetRule.Fragment : TargetRule.RawOctet;
            return false;
        }

        // 4. The path.
        var path = text[..pathLength];
        if (isPlain && !path.ContainsAny(TargetCharacters.SuspectSegments))
        {
            target = new RequestTarget(start == 0 ? raw : raw[start..], pathLength, form);
            broken = TargetRule.None;
            return true;
        }

        return TryRewrite(raw, start, pathLength, form, options, out target, out broken);
    }

    private static bool TryRewrite(string raw, int start, int pathLength, TargetForm form, TargetOptions options, out RequestTarget target, out TargetRule broken)
    {
        target = default;
        var path = raw.AsSpan(start, pathLength);

        // Every character becomes three at most, and the length is limited above.
        char[]? rented = null;
        var buffer = path.Length * 3 <= StackLength ? stackalloc char[StackLength] : (rented = ArrayPool<char>.Shared.Rent(path.Length * 3));
        try
        {
            broken = PathWriter.Write(path, buffer, options, out var written);
            if (broken == TargetRule.None && written > options.MaximumPathLength)
                broken = TargetRule.PathLength;
            if (broken != TargetRule.None)
                return false;

            var normal = buffer[..written];
            var query = raw.AsSpan(start + pathLength);
            var value = !normal.SequenceEqual(path) ? string.Concat(normal, query)
                : start == 0 ? raw
                : raw[start..];
            target = new RequestTarget(value, written, form);
            return true;
        }
        finally
        {
            if (rented is not null)
                ArrayPool<char>.Shared.Return(rented);
        }
    }
}
