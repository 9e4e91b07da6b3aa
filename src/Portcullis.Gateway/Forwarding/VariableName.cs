using System.Buffers;

namespace Portcullis.Gateway.Forwarding;

/// <summary>
/// Field names as upstreams read them that get fields as variables: CGI and its heirs can't tell <c>X_Tenant</c> from <c>X-Tenant</c>
/// (RFC 3875 §4.1.18), and some of them take every sign that is no letter or digit for the same.
/// </summary>
internal static class VariableName
{
    private static readonly SearchValues<char> Plain = SearchValues.Create("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Whether the name has letters, digits and hyphens alone, so that it stands for itself.</summary>
    public static bool IsPlain(string name) => !name.AsSpan().ContainsAnyExcept(Plain);

    /// <summary>The name that all those have which such an upstream takes for one: with a hyphen for every other sign. Allocates where it is not plain.</summary>
    public static string Of(string name) => IsPlain(name) ? name : string.Create(name.Length, name, static (plain, written) =>
    {
        for (var i = 0; i < plain.Length; i++) plain[i] = char.IsAsciiLetterOrDigit(written[i]) ? written[i] : '-';
    });
}
