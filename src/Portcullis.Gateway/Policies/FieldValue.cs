namespace Portcullis.Gateway.Policies;

/// <summary>Values of header fields that a configuration writes.</summary>
internal static class FieldValue
{
    private const int MostCharacters = 8192;

    /// <summary>
    /// Whether the text can be sent as one field line: visible ASCII and inner spaces (RFC 9110 §5.5). Line breaks and NUL could split the
    /// message, and other characters mean different things to different programs.
    /// </summary>
    public static bool IsValid(string text)
        => text.Length is > 0 and <= MostCharacters && !text.AsSpan().ContainsAnyExceptInRange(' ', '~') && text[0] != ' ' && text[^1] != ' ';
}
