using System.Buffers;

namespace Portcullis.Gateway.Forwarding;

/// <summary>The characters of field names and values (RFC 9110 §5.1, §5.5).</summary>
internal static class FieldSyntax
{
    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    private static readonly SearchValues<char> Controls = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Where(c => c != '\t').Select(c => (char)c), '\x7f']);

    public static bool IsToken(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenCharacters);

    /// <summary>Whether the value holds no control character but HTAB, and nothing that is more than one octet.</summary>
    public static bool IsValue(ReadOnlySpan<char> text) => !text.ContainsAny(Controls) && !text.ContainsAnyExceptInRange('\0', '\xff');
}
