using System.Collections;
using System.Globalization;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Portcullis.Gateway.Fields;

/// <summary>Goes through all fields of a table as text, Content-Length last.</summary>
internal struct FieldEnumerator(FieldTable table) : IEnumerator<KeyValuePair<string, StringValues>>
{
    private int index = -1;

    public readonly KeyValuePair<string, StringValues> Current => index < table.Fields.Length
        ? new(table.Fields[index].Name, table.ValueOf(table.Fields[index]))
        : new(HeaderNames.ContentLength, table.ContentLength!.Value.ToString(CultureInfo.InvariantCulture));

    readonly object IEnumerator.Current => Current;

    public bool MoveNext() => ++index < table.Count;

    public void Reset() => index = -1;

    public readonly void Dispose()
    {
        // Holds nothing.
    }
}
