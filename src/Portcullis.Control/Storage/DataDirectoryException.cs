namespace Portcullis.Control.Storage;

/// <summary>The data directory, or a file in it, can't be used. Nothing was overwritten. The message says what, the hint what to do.</summary>
public sealed class DataDirectoryException(string message, string hint, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>One line of advice for the operator.</summary>
    public string Hint { get; } = hint;
}
