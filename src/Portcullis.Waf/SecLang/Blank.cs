namespace Portcullis.Waf.SecLang;

/// <summary>White space of rule files: ASCII's only, as a character stands for a byte, and a byte like 0xA0 is part of some letter.</summary>
internal static class Blank
{
    public static readonly char[] All = [' ', '\t', '\r', '\n', '\f', '\v'];

    public static bool Is(char one) => one is ' ' or '\t' or '\r' or '\n' or '\f' or '\v';
}
