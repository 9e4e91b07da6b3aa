using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Portcullis.Gateway.Policies.Transform;

/// <summary>Compiled changes to header fields. Immutable.</summary>
internal sealed class FieldChanges(IEnumerable<string> remove, IEnumerable<KeyValuePair<string, StringValues>> set, IEnumerable<KeyValuePair<string, StringValues>> add)
{
    private readonly string[] remove = [.. remove];
    private readonly KeyValuePair<string, StringValues>[] set = [.. set];
    private readonly KeyValuePair<string, StringValues>[] add = [.. add];

    public bool IsEmpty => remove.Length + set.Length + add.Length == 0;

    /// <summary>The names of which nothing that came is left.</summary>
    public IEnumerable<string> Replaced => remove.Concat(set.Select(pair => pair.Key));

    public void Apply(IHeaderDictionary headers)
    {
        foreach (var name in remove) headers.Remove(name);
        foreach (var (name, value) in set) headers[name] = value;
        foreach (var (name, value) in add) headers[name] = headers.TryGetValue(name, out var present) ? StringValues.Concat(present, value) : value;
    }

    /// <summary>Takes out of trailers what has been removed or set in the head: recipients may merge the two (RFC 9110 §6.5.1).</summary>
    public void ApplyToTrailers(IHeaderDictionary trailers)
    {
        foreach (var name in Replaced) trailers.Remove(name);
    }
}
