using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Control.Identity.Account;

/// <summary>Fields of a query or a posted form, bounded, each at most once.</summary>
internal sealed class AccountForm
{
    private const int MostFields = 16;
    private const int LongestName = 32;

    /// <summary>A passkey's answer with the certificates of its maker is the longest that is posted.</summary>
    private const int LongestValue = 24 * 1024;
    private const long MaximumBody = 32 * 1024;

    private readonly Dictionary<string, string> values;

    private AccountForm(Dictionary<string, string> values) => this.values = values;

    /// <summary>The value; empty where the field is not there.</summary>
    public string this[string name] => values.GetValueOrDefault(name, string.Empty);

    /// <summary>Whether the field was sent.</summary>
    public bool Contains(string name) => values.ContainsKey(name);

    /// <summary>The query of a request; null where it has a field twice, or too many.</summary>
    public static AccountForm? ReadQuery(Exchange exchange)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in new QueryStringEnumerable(exchange.Target.QueryText.ToString()))
        {
            if (values.Count == MostFields || !values.TryAdd(pair.DecodeName().ToString(), pair.DecodeValue().ToString())) return null;
        }

        return new AccountForm(values);
    }

    /// <summary>The form of a request; null where it is none, or has a field twice or too many.</summary>
    public static async ValueTask<AccountForm?> ReadBodyAsync(Exchange exchange)
    {
        if (exchange.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = MaximumBody;
        if (!IsForm(exchange.RequestHeaders.ContentType)) return null;
        try
        {
            var reader = new FormPipeReader(exchange.RequestBody) { ValueCountLimit = MostFields, KeyLengthLimit = LongestName, ValueLengthLimit = LongestValue };
            var form = await reader.ReadFormAsync(exchange.Aborted);
            return form.Values.All(value => value.Count == 1) ? new(form.ToDictionary(field => field.Key, field => field.Value.ToString(), StringComparer.Ordinal)) : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static bool IsForm(StringValues contentType)
        => contentType.Count == 1 && MediaTypeHeaderValue.TryParse(contentType[0], out var type)
            && string.Equals(type.MediaType, "application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase);
}
