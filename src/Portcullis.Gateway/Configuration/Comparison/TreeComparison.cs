namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>Finds every difference between two trees. What only one of them has is one difference, however large it is.</summary>
internal sealed class TreeComparison
{
    private readonly OptionMap oldRoot;
    private readonly OptionMap newRoot;
    private readonly List<TreeChange> changes = [];

    private TreeComparison(OptionMap oldRoot, OptionMap newRoot)
    {
        this.oldRoot = oldRoot;
        this.newRoot = newRoot;
    }

    public static IReadOnlyList<TreeChange> Compare(OptionMap old, OptionMap current)
    {
        var comparison = new TreeComparison(old, current);
        comparison.Compare(old, current, [], string.Empty, null, null);
        return comparison.changes;
    }

    private void Compare(OptionNode? old, OptionNode? current, IReadOnlyList<string> segments, string path, OptionNode? oldParent, OptionNode? newParent)
    {
        switch (old, current)
        {
            case (OptionMap left, OptionMap right):
                foreach (var key in left.Entries.Select(entry => entry.Key).Union(right.Entries.Select(entry => entry.Key), StringComparer.Ordinal))
                    Compare(left[key], right[key], [.. segments, key], path.Length == 0 ? key : path + "." + key, left, right);
                break;

            case (OptionList left, OptionList right):
                CompareLists(left, right, segments, path);
                break;

            case (OptionValue left, OptionValue right) when left.Means(right):
            case (null, null):
                break;

            default:
                changes.Add(new(segments, path, old, current, oldParent, newParent, oldRoot, newRoot));
                break;
        }
    }

    private void CompareLists(OptionList old, OptionList current, IReadOnlyList<string> segments, string path)
    {
        var (left, right) = (old.Items.ToDictionary(Identity), current.Items.ToDictionary(Identity));
        var before = changes.Count;
        foreach (var identity in left.Keys.Union(right.Keys))
        {
            var (was, now) = (left.GetValueOrDefault(identity), right.GetValueOrDefault(identity));
            var label = (now ?? was)!.Label;
            Compare(was?.Node, now?.Node, [.. segments, label], $"{path}[{label}]", old, current);
        }

        // The same items in another order are a change too: some lists are read from the front.
        if (changes.Count == before && !old.Items.Select(Identity).SequenceEqual(current.Items.Select(Identity)))
            changes.Add(new(segments, path, old, current, null, null, oldRoot, newRoot));
    }

    private static (string Key, int Number) Identity(OptionItem item) => (item.Key, item.Number);
}
