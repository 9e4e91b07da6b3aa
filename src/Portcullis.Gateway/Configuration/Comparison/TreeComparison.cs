namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>Finds every difference between two trees. What only one of them has is one difference, however large it is.</summary>
internal static class TreeComparison
{
    public static IReadOnlyList<TreeChange> Compare(OptionMap old, OptionMap current)
    {
        var changes = new List<TreeChange>();
        Compare(old, current, [], string.Empty, null, null, changes);
        return changes;
    }

    private static void Compare(OptionNode? old, OptionNode? current, IReadOnlyList<string> segments, string path, OptionNode? oldParent, OptionNode? newParent, List<TreeChange> changes)
    {
        switch (old, current)
        {
            case (OptionMap left, OptionMap right):
                foreach (var key in Union(left.Entries.Select(entry => entry.Key), right.Entries.Select(entry => entry.Key)))
                    Compare(left[key], right[key], [.. segments, key], path.Length == 0 ? key : path + "." + key, left, right, changes);
                break;

            case (OptionList left, OptionList right):
                CompareLists(left, right, segments, path, changes);
                break;

            case (OptionValue left, OptionValue right) when left.Means(right):
            case (null, null):
                break;

            default:
                changes.Add(new(segments, path, old, current, oldParent, newParent));
                break;
        }
    }

    private static void CompareLists(OptionList old, OptionList current, IReadOnlyList<string> segments, string path, List<TreeChange> changes)
    {
        var left = old.Items.ToDictionary(item => item.Identity, item => item.Node, StringComparer.Ordinal);
        var right = current.Items.ToDictionary(item => item.Identity, item => item.Node, StringComparer.Ordinal);
        var before = changes.Count;
        foreach (var identity in Union(old.Items.Select(item => item.Identity), current.Items.Select(item => item.Identity)))
            Compare(left.GetValueOrDefault(identity), right.GetValueOrDefault(identity), [.. segments, identity], $"{path}[{identity}]", old, current, changes);

        // The same items in another order are a change too: some lists are read from the front.
        if (changes.Count == before && !old.Items.Select(item => item.Identity).SequenceEqual(current.Items.Select(item => item.Identity), StringComparer.Ordinal))
            changes.Add(new(segments, path, old, current, null, null));
    }

    private static IEnumerable<string> Union(IEnumerable<string> left, IEnumerable<string> right) => left.Union(right, StringComparer.Ordinal);
}
