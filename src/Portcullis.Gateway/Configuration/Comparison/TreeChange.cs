namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>A place where two trees differ.</summary>
/// <param name="Segments">The keys to it; items of lists by their label.</param>
/// <param name="Path">The same as a key path.</param>
/// <param name="Old">What was there; null where nothing was.</param>
/// <param name="New">What is there now; null where nothing is.</param>
/// <param name="OldParent">What held the old value.</param>
/// <param name="NewParent">What holds the new value.</param>
/// <param name="OldRoot">The whole old tree.</param>
/// <param name="NewRoot">The whole new tree.</param>
internal sealed record TreeChange(
    IReadOnlyList<string> Segments, string Path, OptionNode? Old, OptionNode? New, OptionNode? OldParent, OptionNode? NewParent, OptionMap OldRoot, OptionMap NewRoot)
{
    public bool IsAdded => Old is null;

    public bool IsRemoved => New is null;

    /// <summary>The last key: for an item of a list its label.</summary>
    public string Item => Segments[^1];

    /// <summary>The old value as it may be printed.</summary>
    public string? OldText => (Old as OptionValue)?.Text;

    /// <summary>The new value as it may be printed.</summary>
    public string? NewText => (New as OptionValue)?.Text;

    /// <summary>The old value itself, filled in or not: for judging, never for printing.</summary>
    public string? OldPlain => (Old as OptionValue)?.Plain;

    /// <summary>The new value itself, likewise.</summary>
    public string? NewPlain => (New as OptionValue)?.Plain;
}
