using System.Buffers;

namespace Portcullis.Gateway.Routing;

/// <summary>The character classes of a request target (RFC 3986 section 2 and 3.3).</summary>
internal static class TargetCharacters
{
    private const string Unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    /// <summary>What may follow a raw reserved character in a segment: sub-delims, colon and at sign.</summary>
    private const string SegmentReserved = "!$&'()*+,;=:@";

    /// <summary>What is copied as it stands within a segment: pchar without escapes.</summary>
    public static readonly SearchValues<char> Segment = SearchValues.Create(Unreserved + SegmentReserved);

    /// <summary>The same with the slash: a path made only of these needs no rewriting, dot and empty segments apart.</summary>
    public static readonly SearchValues<char> Path = SearchValues.Create(Unreserved + SegmentReserved + "/");

    /// <summary>A query may hold every visible ASCII character but <c>#</c>.</summary>
    public static readonly SearchValues<char> Query = SearchValues.Create(VisibleWithoutHash());

    /// <summary>The beginnings of an empty or dot segment; a file like <c>/.profile</c> is told apart later.</summary>
    public static readonly SearchValues<string> SuspectSegments = SearchValues.Create(["//", "/."], StringComparison.Ordinal);

    private static readonly SearchValues<char> UnreservedValues = SearchValues.Create(Unreserved);

    public static bool IsUnreserved(char value) => UnreservedValues.Contains(value);

    public static bool IsSegment(char value) => Segment.Contains(value);

    private static string VisibleWithoutHash() =>
        string.Create(0x7E - 0x21 + 1 - 1, 0, static (span, _) =>
        {
            var next = 0;
            for (var value = '!'; value <= '~'; value++)
            {
                if (value != '#')
                    span[next++] = value;
            }
        });
}
