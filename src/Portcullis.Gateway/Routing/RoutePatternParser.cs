using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Routing;

/// <summary>Reads route patterns and explains the bad ones.</summary>
internal static class RoutePatternParser
{
    private const int MaximumNameLength = 64;

    private static readonly TargetOptions KeepSlashes = new() { EncodedSlashes = EncodedSlashes.Keep };

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

    /// <summary>
    /// Reads a rewriting template, whose variables must be those of <paramref name="pattern"/>. A segment <c>{name}</c> gets the kind
    /// that the variable has there.
    /// </summary>
    public static bool TryParseTemplate(
        string text, RoutePattern pattern, out ImmutableArray<RouteSegment> segments, [NotNullWhen(false)] out RouteError? error)
    {
        segments = [];
        error = CheckWhole(text);
        if (error is not null)
            return false;

        var builder = ImmutableArray.CreateBuilder<RouteSegment>();
        foreach (var part in text.Length == 1 ? [] : text[1..].Split('/'))
        {
            if (part is ['{', .. var name, '}'] && IsName(name.TrimStart('*')))
            {
                name = name.TrimStart('*');
                var index = pattern.IndexOf(name);
                if (index < 0)
                    error = new($"The path '{pattern}' has no variable '{name}'.", "Use a variable of the route's path, or add it there.");
                else
                    builder.Add(pattern.Segments[index]);
            }
            else if (TryParseLiteral(part, out var literal, out error))
                builder.Add(new RouteSegment(RouteSegmentKind.Literal, literal));

            if (error is not null)
                return false;
        }

        segments = builder.ToImmutable();
        return true;
    }

    /// <summary>Whether <paramref name="name"/> can name a variable.</summary>
    private static bool IsName(ReadOnlySpan<char> name) =>
        name.Length is > 0 and <= MaximumNameLength && !char.IsAsciiDigit(name[0]) && !name.ContainsAnyExcept(NameCharacters);

    /// <summary>The normal form of a literal, in which requests are matched; other than in a request, UTF-8 need not be encoded.</summary>
    private static bool TryParseLiteral(string part, out string literal, [NotNullWhen(false)] out RouteError? error)
    {
        literal = "";
        error = null;
        if (part.Contains('*'))
            error = new($"'{part}' has an asterisk.", "Write {name} for one segment and {**rest} for all that follows.");
        else if (part.AsSpan().IndexOfAny('?', '#') >= 0)
            error = new($"'{part}' has a '{part[part.AsSpan().IndexOfAny('?', '#')]}'.", "A path pattern ends before the query: use query conditions.");
        else if (part.AsSpan().IndexOfAny('{', '}') >= 0)
            error = new($"'{part}' is no whole variable.", "A variable takes a whole segment: {name} or {**name}; encode a brace that is meant as one as %7B or %7D.");
        else if (part is [])
            error = new("The path has an empty segment.", "Paths are matched with repeated slashes merged: write one slash.");
        else if (!IsWellFormed(part))
            error = new($"'{part}' can't be in the path of a request.", "It is no valid Unicode text.");
        else if (!TargetNormaliser.TryNormalisePath("/" + EncodeUtf8(part), KeepSlashes, out var path, out var broken))
            error = new($"'{part}' can't be in the path of a request.", broken.Text());
        else
            literal = path[1..];

        return error is null;
    }

    /// <summary>A literal that an upstream may read differently would make its own requests ambiguous.</summary>
    private static RouteError? CheckLookalike(string part, string literal)
    {
        if (literal.Contains(';') || literal.Contains("%3B", StringComparison.Ordinal))
            return new($"'{part}' has a path parameter.", "Path parameters don't choose a route: leave out the semicolon and what follows it.");

        for (var i = literal.IndexOf('%'); i >= 0; i = literal.IndexOf('%', i + 1))
        {
            if (Percent.TryRead(literal.AsSpan(i), out var octet) && TargetCharacters.IsSegment((char)octet))
                return new($"'{part}' encodes '{(char)octet}'.", $"Write {(char)octet} itself.");
        }

        return null;
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
            if (TryParseLiteral(part, out var literal, out error))
                error = CheckLookalike(part, literal);
            if (error is not null)
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
        if (Ascii.IsValid(text))
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
