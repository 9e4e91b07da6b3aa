namespace Portcullis.Waf.Regexes;

/// <summary>Where a group matched.</summary>
/// <param name="Offset">Its first byte; -1 if the group took no part in the match.</param>
/// <param name="Length">How many bytes.</param>
internal readonly record struct Capture(int Offset, int Length)
{
    public static Capture None => new(-1, 0);

    public bool IsMatched => Offset >= 0;
}
