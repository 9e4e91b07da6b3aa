using System.Text;

namespace Portcullis.Gateway.Connections.Http2.Hpack;

/// <summary>The static table (RFC 7541, Appendix A).</summary>
internal static class StaticTable
{
    /// <summary>Entries; the dynamic table's newest follows the last of them (RFC 7541 §2.3.3).</summary>
    public const int Count = 61;

    /// <summary>Index of <c>:status: 200</c>, the first of the seven statuses.</summary>
    public const int FirstStatus = 8;

    private static readonly (string Name, string Value)[] Fields =
    [
        (":authority", ""), (":method", "GET"), (":method", "POST"), (":path", "/"), (":path", "/index.html"), (":scheme", "http"), (":scheme", "https"),
        (":status", "200"), (":status", "204"), (":status", "206"), (":status", "304"), (":status", "400"), (":status", "404"), (":status", "500"),
        ("accept-charset", ""), ("accept-encoding", "gzip, deflate"), ("accept-language", ""), ("accept-ranges", ""), ("accept", ""),
        ("access-control-allow-origin", ""), ("age", ""), ("allow", ""), ("authorization", ""), ("cache-control", ""), ("content-disposition", ""),
        ("content-encoding", ""), ("content-language", ""), ("content-length", ""), ("content-location", ""), ("content-range", ""), ("content-type", ""),
        ("cookie", ""), ("date", ""), ("etag", ""), ("expect", ""), ("expires", ""), ("from", ""), ("host", ""), ("if-match", ""), ("if-modified-since", ""),
        ("if-none-match", ""), ("if-range", ""), ("if-unmodified-since", ""), ("last-modified", ""), ("link", ""), ("location", ""), ("max-forwards", ""),
        ("proxy-authenticate", ""), ("proxy-authorization", ""), ("range", ""), ("referer", ""), ("refresh", ""), ("retry-after", ""), ("server", ""),
        ("set-cookie", ""), ("strict-transport-security", ""), ("transfer-encoding", ""), ("user-agent", ""), ("vary", ""), ("via", ""), ("www-authenticate", ""),
    ];

    private static readonly HpackEntry[] Entries =
        [default, .. Fields.Select(static field => new HpackEntry(NameOf(Encoding.ASCII.GetBytes(field.Name)), Encoding.ASCII.GetBytes(field.Value)))];

    /// <summary>An entry; the first is 1.</summary>
    public static ref readonly HpackEntry Entry(int index) => ref Entries[index];

    /// <summary>The first entry of a name in lower case, 0 where there is none, and that entry's value.</summary>
    public static int Find(string name, out string? value)
    {
        var at = Array.FindIndex(Fields, field => field.Name == name);
        value = at < 0 ? null : Fields[at].Value;
        return at + 1;
    }

    private static FieldName NameOf(byte[] octets) => FieldName.TryKnown(octets, out var name) ? name : FieldName.Unknown(octets);
}
