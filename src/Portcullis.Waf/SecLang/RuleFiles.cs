using System.Text;
using Portcullis.Waf.Rules;

namespace Portcullis.Waf.SecLang;

/// <summary>Reads rule files and what they include, in order, and hands their directives on.</summary>
internal sealed class RuleFiles(Action<Directive> apply, RuleDrafts drafts, List<RuleError> errors)
{
    /// <summary>Includes within includes.</summary>
    public const int MaximumDepth = 16;

    /// <summary>In bytes.</summary>
    public const long MaximumFileSize = RuleSet.MaximumFileSize;

    /// <summary>Of one rule set.</summary>
    public const int MaximumFiles = 2000;

    private readonly List<string> files = [];

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

        var path = Path.GetFullPath(pattern, directory);
        var found = Expand(path);
        if (found.Count == 0)
        {
            if (!isOptional) errors.Add(new RuleError(from, pattern.AsSpan().ContainsAny('*', '?') ? $"no file matches {path}" : $"there is no file {path}"));
            return;
        }

        foreach (var file in found)
        {
            if (files.Count == MaximumFiles)
            {
                errors.Add(new RuleError(from, $"more than {MaximumFiles} rule files"));
                return;
            }

            files.Add(file);
            if (Text(file, from) is { } text) Parse(text, file, depth);
        }
    }

    /// <summary>Reads the directives of a text; includes in it are relative to the file's directory.</summary>
    public void Parse(string text, string file, int depth = 0)
    {
        var location = new SourceLocation(file, 1);
        foreach (var directive in new DirectiveReader(text, file, errors).Read())
        {
            location = directive.Location;
            var isOptional = directive.Is("IncludeOptional");
            if (!isOptional && !directive.Is("Include"))
            {
                apply(directive);
                continue;
            }

            drafts.EndChain(location);
            if (directive.Arguments.Count != 1) errors.Add(new RuleError(location, $"{directive.Name} takes one path"));
            else Include(directive.Arguments[0], Path.GetDirectoryName(file) ?? ".", location, depth + 1, isOptional);
        }

        drafts.EndChain(location);
    }

    private string? Text(string file, SourceLocation from)
    {
        try
        {
            if (new FileInfo(file).Length <= MaximumFileSize) return File.ReadAllText(file, Encoding.Latin1);
            errors.Add(new RuleError(from, $"{file} is larger than {MaximumFileSize >> 20} MiB"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            errors.Add(new RuleError(from, $"{file} can't be read: {error.Message}"));
        }

        return null;
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
