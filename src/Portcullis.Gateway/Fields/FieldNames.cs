using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Portcullis.Gateway.Fields;

/// <summary>Names of fields that are looked for together, message by message. Immutable.</summary>
internal sealed class FieldNames(IEnumerable<string> names)
{
    // Content-Length, which a table keeps apart, has no bit and is always looked for.
    private readonly (string Name, ulong Bit)[] names =
        [.. names.Select(static name => (name, name.Equals(HeaderNames.ContentLength, StringComparison.OrdinalIgnoreCase) ? 0 : FieldTable.BitOf(name)))];

    /// <summary>Takes the fields out; where there are none of them, that costs next to nothing.</summary>
    public void RemoveFrom(IHeaderDictionary headers)
    {
        if (headers is not FieldTable table)
        {
            foreach (var (name, _) in names) headers.Remove(name);
            return;
        }

        foreach (var (name, bit) in names)
        {
            if (bit == 0 || table.MayHave(bit)) table.Remove(name);
        }
    }
}
