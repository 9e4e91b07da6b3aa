using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Portcullis.Gateway.Routing;

/// <summary>Reads route patterns and explains the bad ones.</summary>
internal static class RoutePatternParser
{
    private const int MaximumNameLength = 64;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    public static bool TryParse(string text, [NotNullWhen(true)] out RoutePattern? pattern, [NotNullWhen(false)] out RouteError? error)
    {
        pattern = null;
        error = CheckWhole(text);
        if (error is not null)
            return false;

        var segments = ImmutableArray.CreateBuilder<RouteSegment>();
        if (text.Length > 1)
        {
            foreach (var part in text[1..].Split('/'))
            {
                if (segments.Count == RoutePattern.MaximumSegments)
                    error = new($"The path pattern has more than {RoutePattern.MaximumSegments} segments.", "End it earlier with {**rest}.");
                else if (segments is [.., { Kind: RouteSegmentKind.Rest }])
                    error = new("Something follows {**" + segments[^1].Text + "} in the path pattern.", "{**name} takes all the rest: put it last, or use {name} for one segment.");
                else if (TryParseSegment(part, out var segment, out error) && IsTwice(segments, segment))
                    error = new($"The path pattern has two variables named '{segment.Text}'.", "Give each variable its own name.");
                else
                    segments.Add(segment);

                if (error is not null)
                    return false;
            }
        }

        pattern = new RoutePattern(text, segments.ToImmutable());
        return true;
    }

    /// <summary>Reads a variable name, of a pattern or a rewriting template.</summary>
    internal static bool IsName(ReadOnlySpan<char> name) =>
        name.Length is > 0 and <= MaximumNameLength && !char.IsAsciiDigit(name[0]) && !name.ContainsAnyExcept(NameCharacters);

    /// <summary>The normal form of a literal, in which requests are matched; other than in a request, UTF-8 need not be encoded.</summary>
    internal static bool TryParseLiteral(string part, out string literal, [NotNullWhen(false)] out RouteError? error)
    {
        literal = "";
        error = null;
        if (part.Contains('*'))
            error = new($"'{part}' has an asterisk.", "Write {name} for one segment and {**rest} for all that follows.");
        else if (part.AsSpan().IndexOfAny('{', '}') >= 0)
            error = new($"'{part}' is no whole variable.", "A variable takes a whole segment: {name} or {**name}; encode a brace that is meant as one as %7B or %7D.");
        else if (part.AsSpan().IndexOfAny('?', '#') >= 0)
            error = new($"'{part}' has a '{part[part.AsSpan().IndexOfAny('?', '#')]}'.", "A path pattern ends before the query: use query conditions.");
        else if (part is [])
            error = new("The path has an empty segment.", "Paths are matched with repeated slashes merged: write one slash.");
        else if (!IsWellFormed(part)
            || !TargetNormaliser.TryNormalisePath("/" + EncodeUtf8(part), new TargetOptions { EncodedSlashes = EncodedSlashes.Keep }, out literal, out var broken))
            error = new($"'{part}' can't be in the path of a request.", IsWellFormed(part) ? TextOf(part) : "It is no valid Unicode text.");

        literal = error is null ? literal[1..] : "";
        return error is null;

        static string TextOf(string part)
        {
            TargetNormaliser.TryNormalisePath("/" + EncodeUtf8(part), TargetOptions.Default, out _, out var broken);
            return broken.Text();
        }
    }

    private static RouteError? CheckWhole(string text)
    {
        if (text.Length == 0 || text[0] != '/')
            return new("The path pattern does not begin with a slash.", $"Write \"/{(text.Length < 80 ? text : "…")}\".");
        if (text.Length > RoutePattern.MaximumLength)
            return new($"The path pattern is longer than {RoutePattern.MaximumLength} characters.", "Shorten it, or end it earlier with {**rest}.");
        if (text.Length > 1 && text[^1] == '/')
            return new("The path pattern ends with a slash.", $"A slash at the end makes no difference to matching: write \"{text.TrimEnd('/')}\", or \"{text.TrimEnd('/')}/{{**rest}}\" for all below it.");
        return null;
    }

    private static bool TryParseSegment(string part, out RouteSegment segment, [NotNullWhen(false)] out RouteError? error)
    {
        segment = default;
        if (part is not ['{', .. var inner, '}'])
        {
            if (!TryParseLiteral(part, out var literal, out error))
                return false;
            segment = new RouteSegment(RouteSegmentKind.Literal, literal);
            return true;
        }

        var stars = inner.Length - inner.TrimStart('*').Length;
        var name = inner[stars..];
        error = (stars, name) switch
        {
            _ when name.AsSpan().IndexOfAny('{', '}') >= 0 => new($"'{part}' holds two variables.", "A variable takes a whole segment: put a slash between them."),
            _ when name.Contains(':') => new($"'{part}' has a constraint.", $"Constraints are not supported: write {{{name[..name.IndexOf(':')]}}} and check the value with the schema policy."),
            _ when name.EndsWith('?') => new($"'{part}' is optional.", "Optional variables are not supported: write two routes, or {**rest}."),
            _ when stars is 1 or > 2 => new($"'{part}' has {stars} asterisk{(stars == 1 ? "" : "s")}.", $"Write {{**{name}}} for all the rest of the path."),
            _ when !IsName(name) => new($"'{part}' has no valid name.", $"A name has letters, digits and underscores, does not begin with a digit and has at most {MaximumNameLength} characters."),
            _ => null,
        };
        segment = new RouteSegment(stars == 2 ? RouteSegmentKind.Rest : RouteSegmentKind.Variable, name);
        return error is null;
    }

    private static bool IsTwice(ImmutableArray<RouteSegment>.Builder segments, RouteSegment added)
    {
        if (added.Kind == RouteSegmentKind.Literal)
            return false;

        foreach (var segment in segments)
        {
            if (segment.Kind != RouteSegmentKind.Literal && segment.Text == added.Text)
                return true;
        }

        return false;
    }

    private static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out _, out var length) != OperationStatus.Done)
                return false;
            text = text[length..];
        }

        return true;
    }

    private static string EncodeUtf8(string text)
    {
        if (System.Text.Ascii.IsValid(text))
            return text;

        var encoded = new StringBuilder();
        Span<char> escape = stackalloc char[3];
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            var written = 0;
            if (octet < 0x80)
                encoded.Append((char)octet);
            else
            {
                Percent.Write((char)octet, escape, ref written);
                encoded.Append(escape);
            }
        }

        return encoded.ToString();
    }
}
