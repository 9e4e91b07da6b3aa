namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>One value of a list.</summary>
/// <param name="Key">What tells it apart, by value: found under the same key in another version of the list. Never printed, for it may have been filled in.</param>
/// <param name="Number">Which of those with the same key it is, from 1.</param>
/// <param name="Label">The same as it may be printed.</param>
/// <param name="Node">The value.</param>
internal sealed record OptionItem(string Key, int Number, string Label, OptionNode Node);
