namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>A place where two trees differ.</summary>
/// <param name="Segments">The keys to it; items of lists by their identity.</param>
/// <param name="Path">The same as a key path.</param>
/// <param name="Old">What was there; null where nothing was.</param>
/// <param name="New">What is there now; null where nothing is.</param>
/// <param name="OldParent">What held the old value.</param>
/// <param name="NewParent">What holds the new value.</param>
internal sealed record TreeChange(IReadOnlyList<string> Segments, string Path, OptionNode? Old, OptionNode? New, OptionNode? OldParent, OptionNode? NewParent)
{
    public bool IsAdded => Old is null;

    public bool IsRemoved => New is null;

    public string? OldText => (Old as OptionValue)?.Text;

    public string? NewText => (New as OptionValue)?.Text;

    /// <summary>The value beside the changed one, as it was.</summary>
    public string? OldSibling(string key) => ((OldParent as OptionMap)?[key] as OptionValue)?.Text;

    /// <summary>The value beside the changed one, as it is now.</summary>
    public string? NewSibling(string key) => ((NewParent as OptionMap)?[key] as OptionValue)?.Text;
}
