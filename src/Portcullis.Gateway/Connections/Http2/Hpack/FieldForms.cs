using System.Collections.Frozen;
using Microsoft.Net.Http.Headers;
using Portcullis.Gateway.Fields;

namespace Portcullis.Gateway.Connections.Http2.Hpack;

/// <summary>The forms of all names of <see cref="KnownFields"/>. Fixed at type initialisation.</summary>
internal static class FieldForms
{
    private const int Buckets = 256;

    private static readonly FrozenSet<string> Fleeting = new[]
    {
        // New with each response.
        "X-Request-Id", "X-Correlation-Id", HeaderNames.TraceParent, HeaderNames.TraceState, "Server-Timing", "RateLimit", HeaderNames.RetryAfter,
        HeaderNames.SecWebSocketAccept, HeaderNames.GrpcMessage,

        // New with each second, or each representation.
        HeaderNames.Date, HeaderNames.Age, HeaderNames.Expires, HeaderNames.LastModified, HeaderNames.ETag, HeaderNames.ContentLength, HeaderNames.ContentRange,
        HeaderNames.ContentLocation, HeaderNames.ContentMD5, HeaderNames.ContentDisposition,
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FieldForm[]?[] Table = Build();

    public static FieldForm Status { get; } = new(":status", Indexing.Repeated);

    /// <summary>The form of a name in any case of letters; null where the name is not known. The name is not empty.</summary>
    public static FieldForm? Find(string name)
    {
        if (Table[FieldForm.HashOf(name) & (Buckets - 1)] is not { } bucket) return null;
        foreach (var form in bucket)
        {
            if (form.IsOf(name)) return form;
        }

        return null;
    }

    private static FieldForm[]?[] Build()
    {
        var table = new FieldForm[]?[Buckets];
        foreach (var name in KnownFields.Names)
        {
            ref var bucket = ref table[FieldForm.HashOf(name) & (Buckets - 1)];
            bucket = [.. bucket ?? [], new FieldForm(name, IndexingOf(name))];
        }

        return table;
    }

    private static Indexing IndexingOf(string name)
    {
        if ((KnownFields.TraitsOf(name) & FieldTraits.Personal) != FieldTraits.None) return Indexing.Never;
        if (name is "Proxy-Authorization" or "Proxy-Authentication-Info") return Indexing.Never;
        return Fleeting.Contains(name) ? Indexing.Fleeting : Indexing.Repeated;
    }
}
