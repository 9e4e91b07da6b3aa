using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Forwarding;

namespace Portcullis.Gateway.Policies.Transform;

/// <summary>Names of request fields, and all others that an upstream may take for them (<see cref="VariableName"/>). Immutable.</summary>
internal sealed class FieldSpellings
{
    private readonly FrozenSet<string> names;
    private readonly string[] direct;

    public FieldSpellings(IEnumerable<string> names)
    {
        string[] written = [.. names];
        this.names = written.Select(VariableName.Of).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        direct = [.. written.Concat(this.names).Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>Takes the fields out.</summary>
    /// <param name="headers">A request's header or trailer fields.</param>
    /// <param name="arePlain">Whether all names there are known to stand for themselves. Where they are not, which is rare, the fields are walked.</param>
    public void RemoveFrom(IHeaderDictionary headers, bool arePlain)
    {
        foreach (var name in direct) headers.Remove(name);
        if (arePlain || names.Count == 0) return;

        List<string>? found = null;
        foreach (var (name, _) in headers)
        {
            if (!VariableName.IsPlain(name) && names.Contains(VariableName.Of(name))) (found ??= []).Add(name);
        }

        if (found is null) return;
        foreach (var name in found) headers.Remove(name);
    }
}
