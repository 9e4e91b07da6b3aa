namespace Portcullis.Waf.Injection;

/// <summary>
/// An entry of <see cref="SqlWords"/>: a known word, phrase or operator, or a part of a phrase that by itself is none (its type is None).
/// Filled while the table is built, not changed later.
/// </summary>
internal sealed class SqlWord(byte[] text)
{
    /// <summary>In upper case.</summary>
    public readonly byte[] Text = text;
    public SqlTokenType Type;
    public SqlWordTraits Traits;

    /// <summary>The phrases that it opens.</summary>
    public (ushort Second, ushort Whole)[] Phrases = [];
}
