using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Regexes;

/// <summary>What stands on one side of a position, as far as an assertion can tell.</summary>
internal enum Surrounding : byte
{
    /// <summary>Any byte without a meaning for assertions.</summary>
    Other,

    /// <summary>No byte: the start or the end of the value.</summary>
    Edge,

    Word,

    LineFeed,

    /// <summary>A line feed that is the last byte of the value.</summary>
    FinalLineFeed,
}

internal static class Surroundings
{
    public const int Count = 5;

    public static Surrounding Of(byte value)
        => value == (byte)'\n' ? Surrounding.LineFeed : ByteClasses.Word.Contains(value) ? Surrounding.Word : Surrounding.Other;

    /// <summary>What is at <paramref name="index"/>, which may be one before the first byte or one behind the last.</summary>
    public static Surrounding At(ReadOnlySpan<byte> value, int index)
    {
        if ((uint)index >= (uint)value.Length) return Surrounding.Edge;
        var found = Of(value[index]);
        return found == Surrounding.LineFeed && index == value.Length - 1 ? Surrounding.FinalLineFeed : found;
    }

    public static bool Hold(AssertionKind kind, Surrounding before, Surrounding after) => kind switch
    {
        AssertionKind.Start => before == Surrounding.Edge,
        AssertionKind.End => after == Surrounding.Edge,
        AssertionKind.EndOrFinalLineFeed => after is Surrounding.Edge or Surrounding.FinalLineFeed,
        AssertionKind.LineStart => before == Surrounding.Edge || (before is Surrounding.LineFeed or Surrounding.FinalLineFeed && after != Surrounding.Edge),
        AssertionKind.LineEnd => after is Surrounding.Edge or Surrounding.LineFeed or Surrounding.FinalLineFeed,
        AssertionKind.WordBoundary => before == Surrounding.Word != (after == Surrounding.Word),
        AssertionKind.NotWordBoundary => before == Surrounding.Word == (after == Surrounding.Word),
        _ => false,
    };
}
