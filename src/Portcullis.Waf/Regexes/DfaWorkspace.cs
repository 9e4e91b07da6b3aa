namespace Portcullis.Waf.Regexes;

/// <summary>What building a state takes besides the cache. Rented from <see cref="Pool{T}"/>.</summary>
internal sealed class DfaWorkspace
{
    public PositionSet Visited { get; } = new();

    public PositionSet Reached { get; } = new();

    public List<int> Pending { get; } = [];

    public List<int> Found { get; } = [];
}
