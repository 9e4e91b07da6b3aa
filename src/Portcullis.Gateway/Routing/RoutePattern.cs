using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Portcullis.Gateway.Routing;

/// <summary>
/// The path of a route: literals, <c>{name}</c> for one segment and a final <c>{**name}</c> for all the rest.
/// Case-sensitive; a slash at the end of a path makes no difference. Immutable.
/// </summary>
internal sealed class RoutePattern
{
    /// <summary>Characters in a pattern. A longer one is a configuration error.</summary>
    public const int MaximumLength = 2048;

    /// <summary>Segments in a pattern, which is also the depth of a lookup. More is a configuration error.</summary>
    public const int MaximumSegments = 64;

    internal RoutePattern(string text, ImmutableArray<RouteSegment> segments)
    {
        Text = text;
        Segments = segments;
    }

    /// <summary>The pattern as written.</summary>
    public string Text { get; }

    /// <summary>The segments in order; empty for <c>/</c>.</summary>
    public ImmutableArray<RouteSegment> Segments { get; }

    /// <summary>Whether the last segment is <c>{**name}</c>.</summary>
    public bool HasRest => Segments is [.., { Kind: RouteSegmentKind.Rest }];

    /// <summary>Reads a pattern; on failure <paramref name="error"/> tells what is wrong and what to write instead.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out RoutePattern? pattern, [NotNullWhen(false)] out RouteError? error) =>
        RoutePatternParser.TryParse(text, out pattern, out error);

    /// <summary>The position of a variable among <see cref="Segments"/>, or -1.</summary>
    public int IndexOf(ReadOnlySpan<char> variable)
    {
        for (var i = 0; i < Segments.Length; i++)
        {
            if (Segments[i].Kind != RouteSegmentKind.Literal && variable.SequenceEqual(Segments[i].Text))
                return i;
        }

        return -1;
    }

    /// <summary>
    /// The value of a variable in a path that this pattern matched, in normal form: one segment, or the rest without its first slash
    /// (which may be empty). False when the pattern has no such variable. Allocates nothing: values are found when asked for.
    /// </summary>
    public bool TryGetValue(ReadOnlySpan<char> path, ReadOnlySpan<char> variable, out ReadOnlySpan<char> value)
    {
        var index = IndexOf(variable);
        value = index < 0 ? default : ValueAt(path, index);
        return index >= 0;
    }

    /// <summary>The part of a matched path that segment <paramref name="index"/> of this pattern stands for.</summary>
    public ReadOnlySpan<char> ValueAt(ReadOnlySpan<char> path, int index)
    {
        var rest = path;
        for (var i = 0; i <= index; i++)
        {
            var slash = rest.IndexOf('/');
            if (slash < 0)
                return default;
            rest = rest[(slash + 1)..];
        }

        if (Segments[index].Kind == RouteSegmentKind.Rest)
            return rest;

        var end = rest.IndexOf('/');
        return end < 0 ? rest : rest[..end];
    }

    /// <summary>Whether a normalised path matches. For tests and tools: requests go through <see cref="RouteTable{T}"/>.</summary>
    public bool IsMatch(ReadOnlySpan<char> path)
    {
        if (!path.StartsWith('/'))
            return false;

        var rest = path[1..];
        foreach (var segment in Segments)
        {
            if (segment.Kind == RouteSegmentKind.Rest)
                return true;
            if (rest.IsEmpty)
                return false;

            var slash = rest.IndexOf('/');
            var part = slash < 0 ? rest : rest[..slash];
            if (segment.Kind == RouteSegmentKind.Literal && !part.SequenceEqual(segment.Text))
                return false;
            rest = slash < 0 ? default : rest[(slash + 1)..];
        }

        return rest.IsEmpty;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
