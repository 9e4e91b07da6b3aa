using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Identity;

/// <summary>Parameters of a request, each at most once (RFC 6749 §3.1, §3.2). One sent without a value counts as not sent.</summary>
internal sealed class OAuthParameters
{
    private const int MostParameters = 32;
    private const int LongestName = 64;
    private const int LongestValue = 8 * 1024;

    /// <summary>A request of the kind is a few hundred octets; more is refused with 413.</summary>
    private const long MaximumBody = 16 * 1024;

    private readonly Dictionary<string, string> values;

    public OAuthParameters(IEnumerable<KeyValuePair<string, string>> values) => this.values = new(values, StringComparer.Ordinal);

    /// <summary>The value; null where there is none.</summary>
    public string? this[string name] => values.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <summary>Whether it was sent at all, be it without a value.</summary>
    public bool Contains(string name) => values.ContainsKey(name);

    /// <summary>Whether credentials would cross a network in the clear (RFC 6749 §3.1, §3.2). From this machine they cross none.</summary>
    public static bool AreInTheClear(Exchange exchange) => exchange.Scheme != "https" && !IPAddress.IsLoopback(exchange.ClientAddress);

    /// <summary>Reads the form of a request, bounded.</summary>
    public static async ValueTask<(OAuthParameters? Parameters, OAuthError? Error)> ReadFormAsync(Exchange exchange)
    {
        if (exchange.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = MaximumBody;
        if (!IsForm(exchange.RequestHeaders.ContentType)) return (null, OAuthError.InvalidRequest("the body must be application/x-www-form-urlencoded"));
        try
        {
            var form = await new FormPipeReader(exchange.RequestBody) { ValueCountLimit = MostParameters, KeyLengthLimit = LongestName, ValueLengthLimit = LongestValue }.ReadFormAsync(exchange.Aborted);
            return TryCollect(form, out var parameters, out var error) ? (parameters, null) : (null, error);
        }
        catch (InvalidDataException)
        {
            return (null, OAuthError.InvalidRequest("the form is malformed or has too many fields"));
        }
    }

    /// <summary>Reads the query of a request, which the limits of the request line bound.</summary>
    public static bool TryReadQuery(Exchange exchange, [NotNullWhen(true)] out OAuthParameters? parameters, [NotNullWhen(false)] out OAuthError? error)
        => TryReadQuery(exchange.Target.QueryText.ToString(), out parameters, out error);

    /// <summary>Reads a query, with its question mark or without.</summary>
    internal static bool TryReadQuery(string query, [NotNullWhen(true)] out OAuthParameters? parameters, [NotNullWhen(false)] out OAuthError? error)
    {
        var pairs = new Dictionary<string, StringValues>(StringComparer.Ordinal);
        foreach (var pair in new QueryStringEnumerable(query))
        {
            var name = pair.DecodeName().ToString();
            if (pairs.Count >= MostParameters || name.Length > LongestName)
            {
                (parameters, error) = (null, OAuthError.InvalidRequest("too many parameters"));
                return false;
            }

            pairs[name] = StringValues.Concat(pairs.GetValueOrDefault(name), pair.DecodeValue().ToString());
        }

        return TryCollect(pairs, out parameters, out error);
    }

    private static bool TryCollect(Dictionary<string, StringValues> pairs, [NotNullWhen(true)] out OAuthParameters? parameters, [NotNullWhen(false)] out OAuthError? error)
    {
        foreach (var (name, values) in pairs)
        {
            if (values.Count > 1)
            {
                (parameters, error) = (null, OAuthError.InvalidRequest("a parameter is repeated", name));
                return false;
            }
        }

        parameters = new(pairs.Select(pair => new KeyValuePair<string, string>(pair.Key, pair.Value.ToString())));
        error = null;
        return true;
    }

    private static bool IsForm(StringValues contentType)
        => contentType.Count == 1 && contentType[0]!.AsSpan().TrimEnd() is var type
            && (type.Contains(';') ? type[..type.IndexOf(';')].TrimEnd() : type).Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase);
}
