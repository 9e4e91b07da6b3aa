using System.Collections.Frozen;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>The text of methods (RFC 9110 §9.3, RFC 5789), which costs nothing for the usual ones.</summary>
internal static class Methods
{
    private static readonly FrozenSet<string> Usual = FrozenSet.Create(
        StringComparer.Ordinal,
        HttpMethods.Get, HttpMethods.Head, HttpMethods.Post, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete, HttpMethods.Options, HttpMethods.Trace, HttpMethods.Connect);

    private static readonly FrozenSet<string> UsualInAnyCase = Usual.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static string Find(ReadOnlySpan<byte> method) => method.Length switch
    {
        3 when method.SequenceEqual("GET"u8) => HttpMethods.Get,
        3 when method.SequenceEqual("PUT"u8) => HttpMethods.Put,
        4 when method.SequenceEqual("POST"u8) => HttpMethods.Post,
        4 when method.SequenceEqual("HEAD"u8) => HttpMethods.Head,
        5 when method.SequenceEqual("PATCH"u8) => HttpMethods.Patch,
        5 when method.SequenceEqual("TRACE"u8) => HttpMethods.Trace,
        6 when method.SequenceEqual("DELETE"u8) => HttpMethods.Delete,
        7 when method.SequenceEqual("OPTIONS"u8) => HttpMethods.Options,
        7 when method.SequenceEqual("CONNECT"u8) => HttpMethods.Connect,
        _ => Encoding.Latin1.GetString(method),
    };

    /// <summary>
    /// Whether a method is another than one of the usual ones only by its case. Methods are case sensitive (RFC 9110 §9.1), but many upstreams
    /// take it for that one, of which routes and policies then were not asked.
    /// </summary>
    public static bool IsLookalike(string method) => !Usual.Contains(method) && UsualInAnyCase.Contains(method);
}
