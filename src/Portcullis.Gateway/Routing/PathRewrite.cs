using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Portcullis.Gateway.Routing;

/// <summary>
/// Changes the path of a request for its upstream: strips or replaces a prefix, or fills a template with the route's variables.
/// Works on whole segments of the normal form, so the result is in normal form too: no empty or dot segment can come up, and no value
/// is decoded or encoded again. The query stays as it is. Immutable; <see cref="Apply"/> allocates the new target and nothing else.
/// </summary>
internal sealed class PathRewrite
{
    private const int StackLength = 512;

    private readonly RoutePattern? pattern; // null: prefix replacement
    private readonly ImmutableArray<RouteSegment> template;
    private readonly bool endsWithSlash;
    private readonly string prefix;
    private readonly string replacement;

    private PathRewrite(string prefix, string replacement)
    {
        this.prefix = prefix;
        this.replacement = replacement;
        template = [];
    }

    private PathRewrite(RoutePattern pattern, ImmutableArray<RouteSegment> template, bool endsWithSlash)
        : this("", "")
    {
        this.pattern = pattern;
        this.template = template;
        this.endsWithSlash = endsWithSlash;
    }

    /// <summary>Strips <paramref name="prefix"/>, for instance <c>/api</c>: <c>/api/a</c> becomes <c>/a</c> and <c>/api</c> becomes <c>/</c>; other paths stay.</summary>
    public static bool TryStripPrefix(string prefix, [NotNullWhen(true)] out PathRewrite? rewrite, [NotNullWhen(false)] out RouteError? error) =>
        TryReplacePrefix(prefix, "/", out rewrite, out error);

    /// <summary>
    /// Replaces <paramref name="prefix"/> by <paramref name="replacement"/>; either may be <c>/</c>, which puts something in front or strips.
    /// Paths that don't begin with the prefix, at the end of a segment, stay.
    /// </summary>
    public static bool TryReplacePrefix(
        string prefix, string replacement, [NotNullWhen(true)] out PathRewrite? rewrite, [NotNullWhen(false)] out RouteError? error)
    {
        rewrite = null;
        if (!TryParsePrefix(prefix, out var from, out error) || !TryParsePrefix(replacement, out var to, out error))
            return false;

        if (from == to)
        {
            error = new("The prefix is replaced by itself.", "Leave the rewriting out, or name another prefix.");
            return false;
        }

        rewrite = new PathRewrite(from, to);
        return true;
    }

    /// <summary>
    /// Fills a template such as <c>/v2/{id}/{rest}</c> with the variables of <paramref name="pattern"/>. A variable takes a whole segment.
    /// Where the rest of the path is empty its segment is left out; where it ends the template, a slash at the end of the path is kept.
    /// </summary>
    public static bool TryTemplate(
        string template, RoutePattern pattern, [NotNullWhen(true)] out PathRewrite? rewrite, [NotNullWhen(false)] out RouteError? error)
    {
        rewrite = null;
        var endsWithSlash = template.Length > 1 && template[^1] == '/';
        if (!RoutePatternParser.TryParseTemplate(endsWithSlash ? template[..^1] : template, pattern, out var segments, out error))
            return false;

        rewrite = new PathRewrite(pattern, segments, endsWithSlash);
        return true;
    }

    /// <summary>The target with its path rewritten. The target must be one that the template's pattern matched; <c>*</c> stays as it is.</summary>
    public RequestTarget Apply(in RequestTarget target)
    {
        if (target.Form is not (TargetForm.Origin or TargetForm.Absolute))
            return target;

        return pattern is null ? ReplacePrefix(target) : FillTemplate(target, pattern);
    }

    private RequestTarget ReplacePrefix(in RequestTarget target)
    {
        var path = target.Path;
        if (!path.StartsWith(prefix, StringComparison.Ordinal) || (path.Length > prefix.Length && path[prefix.Length] != '/'))
            return target;

        var rest = path[prefix.Length..];
        if (replacement.Length == 0 && rest.IsEmpty)
            rest = "/";
        else if (replacement.Length > 0 && rest is "/" && prefix.Length == 0)
            rest = default; // the root with something in front of it: no slash was asked for

        return new RequestTarget(string.Concat(replacement, rest, target.Query), replacement.Length + rest.Length, target.Form);
    }

    private RequestTarget FillTemplate(in RequestTarget target, RoutePattern pattern)
    {
        var path = target.Path;
        var bound = 2;
        foreach (var segment in template)
            bound += 1 + (segment.Kind == RouteSegmentKind.Literal ? segment.Text.Length : path.Length);

        char[]? rented = null;
        var buffer = bound <= StackLength ? stackalloc char[StackLength] : (rented = ArrayPool<char>.Shared.Rent(bound));
        try
        {
            var written = 0;
            foreach (var segment in template)
            {
                var part = segment.Kind == RouteSegmentKind.Literal ? segment.Text : pattern.ValueAt(path, pattern.IndexOf(segment.Text)).TrimEnd('/');
                if (part.IsEmpty)
                    continue;
                buffer[written++] = '/';
                part.CopyTo(buffer[written..]);
                written += part.Length;
            }

            if (written == 0 || endsWithSlash || (template is [.., { Kind: RouteSegmentKind.Rest }] && path[^1] == '/'))
                buffer[written++] = '/';
            return new RequestTarget(string.Concat(buffer[..written], target.Query), written, target.Form);
        }
        finally
        {
            if (rented is not null)
                ArrayPool<char>.Shared.Return(rented);
        }
    }

    /// <summary>Reads a prefix into its normal form without a slash at its end: empty for <c>/</c>.</summary>
    private static bool TryParsePrefix(string text, out string prefix, [NotNullWhen(false)] out RouteError? error)
    {
        prefix = "";
        if (!RoutePattern.TryParse(text, out var pattern, out error))
            return false;

        var normal = new StringBuilder();
        foreach (var segment in pattern.Segments)
        {
            if (segment.Kind != RouteSegmentKind.Literal)
            {
                error = new($"The prefix '{text}' has a variable.", "Use a template to rewrite paths with variables.");
                return false;
            }

            normal.Append('/').Append(segment.Text);
        }

        prefix = normal.ToString();
        return true;
    }
}
