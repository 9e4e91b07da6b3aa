using Portcullis.Waf.Rules;

namespace Portcullis.Waf.SecLang;

/// <summary>Reads rule files and what they include, in order, and hands their directives on.</summary>
internal sealed class RuleFiles(Action<Directive> apply, RuleDrafts drafts, List<RuleError> errors)
{
    /// <summary>Includes within includes.</summary>
    public const int MaximumDepth = 16;

    /// <summary>Of one rule set.</summary>
    public const int MaximumFiles = 2000;

    /// <summary>Of all files of a rule set, in bytes.</summary>
    public const long MaximumTotalSize = 64L * 1024 * 1024;

    /// <summary>After so many errors the rest is not looked at.</summary>
    public const int MaximumErrors = 1000;

    // UTF-8's, read as Latin-1.
    private const string ByteOrderMark = "\u00EF\u00BB\u00BF";

    private readonly List<string> files = [];
    private long totalSize;

    /// <summary>Every file that was read, for one that watches them.</summary>
    public IReadOnlyList<string> Read => files;

    /// <summary>Reads a file, or all files that a pattern with <c>*</c> and <c>?</c> matches, in the order of their names.</summary>
    public void Include(string pattern, string directory, SourceLocation from, int depth = 0, bool isOptional = false)
    {
        if (depth > MaximumDepth)
        {
            errors.Add(new RuleError(from, $"Include goes deeper than {MaximumDepth} files; does a file include itself?"));
            return;
        }

        if (RulePath.Combine(pattern, directory) is not { } path)
        {
            errors.Add(new RuleError(from, $"'{pattern}' is no path"));
            return;
        }

        var found = Expand(path);
        if (found.Count == 0)
        {
            if (!isOptional) errors.Add(new RuleError(from, pattern.AsSpan().ContainsAny('*', '?') ? $"no file matches {path}" : $"there is no file {path}"));
            return;
        }

        foreach (var file in found)
        {
            if (errors.Count >= MaximumErrors) return;
            if (files.Count == MaximumFiles || totalSize > MaximumTotalSize)
            {
                errors.Add(new RuleError(from, $"more than {MaximumFiles} rule files, or more than {MaximumTotalSize >> 20} MiB of them; does a file include itself?"));
                return;
            }

            files.Add(file);
            if (RulePath.Read(file, out var wrong) is { } text) Parse(text, file, depth);
            else errors.Add(new RuleError(from, wrong!));
        }
    }

    /// <summary>Reads the directives of a text; includes in it are relative to the file's directory.</summary>
    public void Parse(string text, string file, int depth = 0)
    {
        totalSize += text.Length;
        if (text.StartsWith(ByteOrderMark, StringComparison.Ordinal)) text = text[ByteOrderMark.Length..];
        var location = new SourceLocation(file, 1);
        foreach (var directive in new DirectiveReader(text, file, errors).Read())
        {
            location = directive.Location;
            if (errors.Count >= MaximumErrors) return;
            var isOptional = directive.Is("IncludeOptional");
            if (!isOptional && !directive.Is("Include"))
            {
                apply(directive);
                continue;
            }

            drafts.EndChain(location);
            if (directive.Arguments.Count != 1) errors.Add(new RuleError(location, $"{directive.Name} takes one path"));
            else Include(directive.Arguments[0], Path.GetDirectoryName(Path.GetFullPath(file)) ?? ".", location, depth + 1, isOptional);
        }

        drafts.EndChain(location);
    }

    private static List<string> Expand(string path)
    {
        if (!path.AsSpan().ContainsAny('*', '?')) return File.Exists(path) ? [path] : [];

        // A wildcard may stand in any part of the path, as in Apache.
        var parts = path.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        List<string> at = [Path.GetPathRoot(path)!];
        for (var index = 0; index < parts.Length; index++)
        {
            var part = parts[index];
            var isLast = index == parts.Length - 1;
            at = [.. at.SelectMany(directory => Children(directory, part, isLast))];
        }

        return at;
    }

    private static IEnumerable<string> Children(string directory, string part, bool areFiles)
    {
        if (!part.AsSpan().ContainsAny('*', '?'))
        {
            var path = Path.Combine(directory, part);
            return (areFiles ? File.Exists(path) : Directory.Exists(path)) ? [path] : [];
        }

        try
        {
            var found = areFiles ? Directory.GetFiles(directory, part) : Directory.GetDirectories(directory, part);
            Array.Sort(found, StringComparer.Ordinal);
            return found;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
