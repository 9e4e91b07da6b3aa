namespace Portcullis.Control.Storage;

/// <summary>The database can't be used. Nothing was overwritten. The message says what and where and holds no secret, the hint what to do.</summary>
public sealed class StoreException(string message, string hint, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>One line of advice for the operator.</summary>
    public string Hint { get; } = hint;
}
