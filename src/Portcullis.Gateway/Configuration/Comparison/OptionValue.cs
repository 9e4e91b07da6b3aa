using Portcullis.Gateway.Configuration.Binding;

namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>A single value.</summary>
/// <param name="value">The value itself.</param>
/// <param name="shape">How it is written.</param>
/// <param name="placeholder">What stands in the file instead of a value that was filled in; null for a value of the file itself.</param>
/// <param name="text">The value as the file would have it, never that of a secret.</param>
internal sealed class OptionValue(object value, ScalarShape shape, string? placeholder, string text) : OptionNode
{
    public object Value => value;

    /// <summary>What may be printed: secrets are redacted, filled-in values show their placeholder.</summary>
    public string Text => placeholder ?? text;

    /// <summary>What it is, wherever it came from: for judging and never for printing. A secret reads <c>[redacted]</c>.</summary>
    public string Plain => shape.Format(value);

    public bool IsPlaceholder => placeholder is not null;

    /// <summary>Whether both hold the same value; only secrets and texts that were filled in are compared by more than their text.</summary>
    public bool Means(OptionValue other) => shape.IsSecret ? value.Equals(other.Value) : Plain == other.Plain;
}
