namespace Portcullis.Trust.Keys;

/// <summary>
/// The key ring can't be opened or written: a file is missing, corrupt, foreign, newer, readable by others, or the disk fails. Nothing was
/// overwritten. <see cref="Exception.Message"/> says what, <see cref="Hint"/> what to do.
/// </summary>
public sealed class KeyRingException : Exception
{
    internal KeyRingException(string path, string message, string hint, Exception? inner = null)
        : base(message, inner)
    {
        Path = path;
        Hint = hint;
    }

    /// <summary>The file or directory concerned.</summary>
    public string Path { get; }

    /// <summary>One line of advice for the operator.</summary>
    public string Hint { get; }
}
