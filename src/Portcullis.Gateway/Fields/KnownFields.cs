using System.Text;
using Microsoft.Net.Http.Headers;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Policies.Authenticate;

namespace Portcullis.Gateway.Fields;

/// <summary>
/// Maps the octets of common field names to one canonical string each, without allocating. The strings are the instances
/// of ASP.NET's <see cref="HeaderNames"/>. Fixed at type initialisation: nothing an upstream sends adds to it.
/// </summary>
internal static class KnownFields
{
    private const int Buckets = 256;

    private static readonly Entry[]?[] Table = Build();

    /// <summary>All names, in no certain order.</summary>
    public static IEnumerable<string> Names => Table.SelectMany(static bucket => bucket ?? []).Select(static entry => entry.Name);

    /// <summary>Finds a name, in any case.</summary>
    /// <returns>The canonical string; null when the name is not in the table.</returns>
    public static string? Find(ReadOnlySpan<byte> name, out FieldTraits traits)
    {
        if (name.Length > 0 && Table[Hash(name)] is { } bucket)
        {
            foreach (var entry in bucket)
            {
                if (name.SequenceEqual(entry.Octets) || Ascii.EqualsIgnoreCase(name, entry.Octets))
                {
                    traits = entry.Traits;
                    return entry.Name;
                }
            }
        }

        traits = FieldTraits.None;
        return null;
    }

    /// <summary>The traits of a name given as text; none when it is not in the table.</summary>
    public static FieldTraits TraitsOf(string name)
    {
        if (name.Length is 0 or > 64 || !Ascii.IsValid(name))
            return FieldTraits.None;

        Span<byte> octets = stackalloc byte[name.Length];
        Encoding.Latin1.GetBytes(name, octets);
        Find(octets, out var traits);
        return traits;
    }

    // Bit 0x20 folds the case of letters; that it also folds a few other octets costs a comparison, never a wrong answer.
    private static int Hash(ReadOnlySpan<byte> name) =>
        ((name.Length * 37) ^ ((name[0] | 0x20) * 3) ^ ((name[^1] | 0x20) * 11) ^ ((name[name.Length / 2] | 0x20) * 29)) & (Buckets - 1);

    private static Entry[]?[] Build()
    {
        const FieldTraits Own = FieldTraits.OwnedByClient;
        Entry[] entries =
        [
            new(HeaderNames.ContentLength, Own | FieldTraits.ContentLength),
            new(HeaderNames.TransferEncoding, Own | FieldTraits.TransferEncoding),
            new(HeaderNames.Connection, Own | FieldTraits.Connection),
            new(HeaderNames.Upgrade, Own),
            new(HeaderNames.Host, Own),
            new(HeaderNames.Expect, Own),
            new(HeaderNames.TE, Own),
            new(HeaderNames.KeepAlive, Own),
            new(HeaderNames.ProxyConnection, Own),
            new("HTTP2-Settings", Own),
            new(HeaderNames.ProxyAuthenticate, FieldTraits.None),
            new("Proxy-Authentication-Info", FieldTraits.None),
            new(HeaderNames.ProxyAuthorization, FieldTraits.None),
            new(HeaderNames.Trailer, FieldTraits.None),

            new(HeaderNames.Authorization, FieldTraits.Personal),
            new(HeaderNames.SetCookie, FieldTraits.Personal),
            new(HeaderNames.Cookie, FieldTraits.Personal),
            new(HeaderNames.WWWAuthenticate, FieldTraits.None),
            new("Authentication-Info", FieldTraits.Personal),
            new(HeaderNames.CacheControl, FieldTraits.None),
            new(HeaderNames.Pragma, FieldTraits.None),
            new(HeaderNames.Age, FieldTraits.None),
            new(HeaderNames.Expires, FieldTraits.None),
            new(HeaderNames.Date, FieldTraits.None),
            new(HeaderNames.Location, FieldTraits.Personal),
            new(HeaderNames.RetryAfter, FieldTraits.None),
            new(HeaderNames.Vary, FieldTraits.None),
            new(HeaderNames.Warning, FieldTraits.None),
            new(HeaderNames.MaxForwards, FieldTraits.None),
            new(HeaderNames.Range, FieldTraits.None),
            new(HeaderNames.IfMatch, FieldTraits.None),
            new(HeaderNames.IfNoneMatch, FieldTraits.None),
            new(HeaderNames.IfModifiedSince, FieldTraits.None),
            new(HeaderNames.IfUnmodifiedSince, FieldTraits.None),
            new(HeaderNames.IfRange, FieldTraits.None),
            new(HeaderNames.ContentEncoding, FieldTraits.None),
            new(HeaderNames.ContentType, FieldTraits.None),
            new(HeaderNames.ContentRange, FieldTraits.None),

            new(HeaderNames.UserAgent, FieldTraits.None),
            new(HeaderNames.Referer, FieldTraits.None),
            new(HeaderNames.Origin, FieldTraits.None),
            new(HeaderNames.From, FieldTraits.None),
            new("Forwarded", FieldTraits.None),
            new("X-Forwarded-For", FieldTraits.None),
            new("X-Forwarded-Proto", FieldTraits.None),
            new("X-Forwarded-Host", FieldTraits.None),
            new("X-Real-IP", FieldTraits.None),
            new(HeaderNames.XRequestedWith, FieldTraits.None),
            new(ApiKeyMethod.Field, FieldTraits.Personal),
            new("Idempotency-Key", FieldTraits.None),
            new("Prefer", FieldTraits.None),
            new("Priority", FieldTraits.None),
            new(HeaderNames.DNT, FieldTraits.None),
            new("Sec-Fetch-Dest", FieldTraits.None),
            new("Sec-Fetch-Mode", FieldTraits.None),
            new("Sec-Fetch-Site", FieldTraits.None),
            new("Sec-Fetch-User", FieldTraits.None),
            new("Sec-CH-UA", FieldTraits.None),
            new("Sec-CH-UA-Mobile", FieldTraits.None),
            new("Sec-CH-UA-Platform", FieldTraits.None),
            new(HeaderNames.UpgradeInsecureRequests, FieldTraits.None),
            new(HeaderNames.SecWebSocketKey, FieldTraits.None),
            new(HeaderNames.SecWebSocketVersion, FieldTraits.None),
            new(HeaderNames.AccessControlRequestHeaders, FieldTraits.None),
            new(HeaderNames.AccessControlRequestMethod, FieldTraits.None),
            new(HeaderNames.Accept, FieldTraits.None),
            new(HeaderNames.AcceptCharset, FieldTraits.None),
            new(HeaderNames.AcceptEncoding, FieldTraits.None),
            new(HeaderNames.AcceptLanguage, FieldTraits.None),
            new(HeaderNames.AcceptRanges, FieldTraits.None),
            new(HeaderNames.AccessControlAllowCredentials, FieldTraits.None),
            new(HeaderNames.AccessControlAllowHeaders, FieldTraits.None),
            new(HeaderNames.AccessControlAllowMethods, FieldTraits.None),
            new(HeaderNames.AccessControlAllowOrigin, FieldTraits.None),
            new(HeaderNames.AccessControlExposeHeaders, FieldTraits.None),
            new(HeaderNames.AccessControlMaxAge, FieldTraits.None),
            new(HeaderNames.Allow, FieldTraits.None),
            new(HeaderNames.AltSvc, FieldTraits.None),
            new(HeaderNames.ContentDisposition, FieldTraits.None),
            new(HeaderNames.ContentLanguage, FieldTraits.None),
            new(HeaderNames.ContentLocation, FieldTraits.None),
            new(HeaderNames.ContentMD5, FieldTraits.None),
            new(HeaderNames.ContentSecurityPolicy, FieldTraits.None),
            new(HeaderNames.ContentSecurityPolicyReportOnly, FieldTraits.None),
            new("Cross-Origin-Embedder-Policy", FieldTraits.None),
            new("Cross-Origin-Opener-Policy", FieldTraits.None),
            new("Cross-Origin-Resource-Policy", FieldTraits.None),
            new(HeaderNames.ETag, FieldTraits.None),
            new(HeaderNames.GrpcEncoding, FieldTraits.None),
            new(HeaderNames.GrpcMessage, FieldTraits.None),
            new(HeaderNames.GrpcStatus, FieldTraits.None),
            new(HeaderNames.LastModified, FieldTraits.None),
            new(HeaderNames.Link, FieldTraits.None),
            new("Permissions-Policy", FieldTraits.None),
            new("RateLimit", FieldTraits.None),
            new("RateLimit-Policy", FieldTraits.None),
            new("Referrer-Policy", FieldTraits.None),
            new(HeaderNames.SecWebSocketAccept, FieldTraits.None),
            new(HeaderNames.SecWebSocketExtensions, FieldTraits.None),
            new(HeaderNames.SecWebSocketProtocol, FieldTraits.None),
            new(HeaderNames.Server, FieldTraits.None),
            new("Server-Timing", FieldTraits.None),
            new(HeaderNames.StrictTransportSecurity, FieldTraits.None),
            new(HeaderNames.TraceParent, FieldTraits.None),
            new(HeaderNames.TraceState, FieldTraits.None),
            new(HeaderNames.Via, FieldTraits.None),
            new("X-AspNet-Version", FieldTraits.None),
            new(HeaderNames.XContentTypeOptions, FieldTraits.None),
            new("X-Correlation-Id", FieldTraits.None),
            new(HeaderNames.XFrameOptions, FieldTraits.None),
            new(HeaderNames.XPoweredBy, FieldTraits.None),
            new("X-Request-Id", FieldTraits.None),
            new(HeaderNames.XUACompatible, FieldTraits.None),
            new(HeaderNames.XXSSProtection, FieldTraits.None),
        ];

        var table = new Entry[]?[Buckets];
        foreach (var entry in entries)
        {
            var octets = Encoding.ASCII.GetBytes(entry.Name);
            var hash = Hash(octets);
            var known = entry with { Octets = octets, Traits = entry.Traits | TraitsByRule(entry.Name) };
            table[hash] = [.. table[hash] ?? [], known];
        }

        return table;
    }

    // What EndToEnd says of the name; it alone decides what is passed on.
    private static FieldTraits TraitsByRule(string name) =>
        FieldTraits.Known
        | (RequestFields.MayPass(name, forwardAuthorization: true, forwardApiKey: true) ? FieldTraits.None : FieldTraits.NotForUpstream)
        | (EndToEnd.IsHopByHop(name) ? FieldTraits.HopByHop : FieldTraits.None)
        | (EndToEnd.MayBeTrailer(name) ? FieldTraits.None : FieldTraits.NotInTrailers);

    private sealed record Entry(string Name, FieldTraits Traits)
    {
        public byte[] Octets { get; init; } = [];
    }
}
