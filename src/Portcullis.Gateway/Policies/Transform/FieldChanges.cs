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

    public void Apply(IHeaderDictionary headers)
    {
        foreach (var name in remove) headers.Remove(name);
        foreach (var (name, value) in set) headers[name] = value;
        foreach (var (name, value) in add) headers[name] = headers.TryGetValue(name, out var present) ? StringValues.Concat(present, value) : value;
    }
}
