namespace Portcullis.Gateway.Identity.Roles;

/// <summary>Grants by their permission, each once. A way that asks for no second factor is preferred; of two alike the first one stays.</summary>
internal sealed class GrantTable
{
    private readonly SortedDictionary<string, Grant> grants = new(StringComparer.Ordinal);

    /// <summary>How many permissions it has.</summary>
    public int Count => grants.Count;

    /// <summary>False where the permission was there already.</summary>
    public bool Add(Grant grant)
    {
        if (grants.TryAdd(grant.Permission.Text, grant)) return true;
        if (grants[grant.Permission.Text].NeedsFactor && !grant.NeedsFactor) grants[grant.Permission.Text] = grant;
        return false;
    }

    /// <summary>All, in the order of their texts.</summary>
    public IReadOnlyList<Grant> ToList() => [.. grants.Values];
}
