namespace Portcullis.Waf.Injection;

/// <summary>
/// A token of SQL. Its text stays where it is: in the value, or, where <see cref="Word"/> is not 0, equal to that word but for case.
/// </summary>
internal struct SqlToken
{
    /// <summary>Of longer tokens only so many bytes count, as in the reference.</summary>
    public const int MaximumLength = 31;

    /// <summary>Where its text begins in the value.</summary>
    public int Start;

    /// <summary>The number in <see cref="SqlWords"/>; 0 for what is not there.</summary>
    public ushort Word;
    public SqlWordTraits Traits;
    public SqlTokenType Type;

    /// <summary>Length of the text without quotes, at most <see cref="MaximumLength"/>.</summary>
    public byte Length;

    /// <summary>The quote before and behind it; 0 where there is none, as at the ends of a value that is read as part of a quoted text.</summary>
    public byte Opening;
    public byte Closing;

    public SqlToken(SqlTokenType type, int start, int length)
    {
        Type = type;
        Start = start;
        Length = (byte)Math.Min(length, MaximumLength);
    }

    public readonly bool Has(SqlWordTraits trait) => (Traits & trait) != SqlWordTraits.None;

    public readonly bool IsUnary => Type == SqlTokenType.Operator && Has(SqlWordTraits.Unary);
}
