using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Injection;

/// <summary>
/// Detects SQL injection, for <c>@detectSQLi</c>: the algorithm and the tables that libinjection publishes. A value is read as if it stood
/// bare, in single quotes and in double quotes of a statement; each reading is folded to at most five tokens, whose types are its fingerprint.
/// A fingerprint from the table is an injection unless the reading is one of the harmless ones that look alike.
/// Time grows with the length alone, at most five readings of the value; nothing is allocated.
/// </summary>
internal static class SqlInjection
{
    /// <summary>Room that a fingerprint takes, at most.</summary>
    public const int MaximumFingerprintLength = SqlTokenFolder.MaximumTokens;

    /// <summary>The shortest injection is <c>{`</c>.</summary>
    private const int MinimumLength = 2;

    /// <summary>Values of these alone are a word, or a few numbers and a word behind them: <c>0b12union</c>. No fingerprint is like that and long enough.</summary>
    private static readonly ByteSet WordBytes = ByteSet.Range((byte)'0', (byte)'9') | ByteSet.Range((byte)'A', (byte)'Z') | ByteSet.Range((byte)'a', (byte)'z')
        | ByteSet.Of((byte)'_') | (ByteSet.Range(0x80, 0xFF) & ~ByteSet.Of(0xA0));

    /// <summary>Values of these alone have neither words nor texts, comments or parentheses, and each fingerprint has some of them.</summary>
    private static readonly ByteSet NumberBytes = ByteSet.Range((byte)'0', (byte)'9') | ByteSet.Range(0, (byte)' ') | ByteSet.Of(".,:+/%^~<>=?]"u8);

    /// <summary>Whether a value can be an injection, by what it holds; false is certain, true only a reason to look.</summary>
    /// <param name="present">The bytes that the value holds, or more.</param>
    /// <param name="length">Its length.</param>
    public static bool CouldBe(in ByteSet present, int length)
        => length >= MinimumLength && !present.IsSubsetOf(WordBytes) && !present.IsSubsetOf(NumberBytes);

    /// <summary>Whether a value is an injection.</summary>
    /// <param name="value">Any bytes.</param>
    /// <param name="fingerprint">Receives the fingerprint of an injection; room for <see cref="MaximumFingerprintLength"/>.</param>
    /// <param name="fingerprintLength">Its length; 0 where there is no injection.</param>
    public static bool IsInjection(ReadOnlySpan<byte> value, Span<byte> fingerprint, out int fingerprintLength)
    {
        fingerprintLength = 0;
        if (value.Length < MinimumLength)
            return false;

        Span<SqlToken> window = stackalloc SqlToken[SqlTokenFolder.WindowSize];
        var reading = new SqlReading(value, window);
        var isInjection = IsInjection(ref reading, 0)
            || (value.Contains((byte)'\'') && IsInjection(ref reading, (byte)'\''))
            || (value.Contains((byte)'"') && reading.IsInjection((byte)'"', SqlDialect.MySql));
        if (isInjection)
            fingerprintLength = reading.CopyFingerprint(fingerprint);
        return isInjection;
    }

    /// <summary>The other dialect is asked only where it differs.</summary>
    private static bool IsInjection(ref SqlReading reading, byte quoteBefore)
        => reading.IsInjection(quoteBefore, SqlDialect.Ansi) || (reading.DependsOnDialect && reading.IsInjection(quoteBefore, SqlDialect.MySql));
}
