using System.Diagnostics.CodeAnalysis;
using System.Text;
using Portcullis.Gateway.Configuration.Yaml;

namespace Portcullis.Gateway.Configuration.Binding;

/// <summary>
/// Fills <c>${env:NAME}</c> and <c>${file:PATH}</c> into values. What is filled in is text and stays text: it is never read as
/// YAML, nor searched for further placeholders. <c>$${</c> stands for <c>${</c>.
/// </summary>
internal sealed class Placeholders(string directory, IReadOnlyDictionary<string, string> variables, SourceMap source, ConfigurationProblems problems)
{
    /// <summary>Size beyond which a file, or a variable, is refused as a value.</summary>
    public const int MaximumBytes = 64 * 1024;

    // Each costs a file access, and a pass over every message that hides its value.
    private const int MostPlaceholders = 1000;

    private readonly Dictionary<string, string> files = new(StringComparer.Ordinal);
    private int count;

    /// <summary>Absolute paths of the files that placeholders name, those that can't be read included, with the fingerprint of what was read.</summary>
    public IReadOnlyDictionary<string, string> Files => files;

    /// <summary>The value with everything filled in; false after an error was reported.</summary>
    /// <param name="scalar">The value as the file has it.</param>
    /// <param name="path">Its key path.</param>
    /// <param name="text">The value.</param>
    /// <param name="isFilledIn">Whether any part does not stand in the file and must not be shown.</param>
    public bool TryFill(YamlScalar scalar, string path, [NotNullWhen(true)] out string? text, out bool isFilledIn)
    {
        text = scalar.Text;
        isFilledIn = scalar.Variable is not null;
        if (isFilledIn || !text.Contains("${", StringComparison.Ordinal)) return true;

        var result = new StringBuilder();
        var rest = text.AsSpan();
        while (true)
        {
            var start = rest.IndexOf("${");
            if (start < 0) break;
            if (start > 0 && rest[start - 1] == '$')
            {
                result.Append(rest[..(start - 1)]).Append("${");
                rest = rest[(start + 2)..];
                continue;
            }

            var length = rest[start..].IndexOf('}');
            var reference = length < 0 ? rest[start..] : rest.Slice(start, length + 1);
            if (length < 0 || Read(reference[2..^1].ToString(), path) is not { } value)
            {
                if (length < 0) problems.Error(path, $"{Excerpt.Quote(reference.ToString())} is not closed", "write ${env:NAME} or ${file:PATH}; $${ stands for ${ itself");
                text = null;
                return false;
            }

            isFilledIn = true;
            source.Hide(value);
            result.Append(rest[..start]).Append(value);
            rest = rest[(start + reference.Length)..];
        }

        text = result.Append(rest).ToString();
        if (isFilledIn)
        {
            source.AddFilledIn(path, scalar.Text);
            source.Hide(text);
        }

        return true;
    }

    private string? Read(string reference, string path)
    {
        if (++count > MostPlaceholders)
        {
            problems.Error(path, $"more than {MostPlaceholders} placeholders in one file", "write values that are no secrets into the file");
            return null;
        }

        if (reference.StartsWith("env:", StringComparison.Ordinal)) return ReadVariable(reference[4..], path);
        if (reference.StartsWith("file:", StringComparison.Ordinal)) return ReadFile(reference[5..], path);
        problems.Error(path, $"{Excerpt.Quote("${" + reference + "}")} is no known placeholder", "write ${env:NAME} or ${file:PATH}; $${ stands for ${ itself");
        return null;
    }

    private string? ReadVariable(string name, string path)
    {
        if (!variables.TryGetValue(name, out var value)) problems.Error(path, $"environment variable {Excerpt.Quote(name)} is not set", "set it for the gateway's process");
        else if (value.Length == 0) problems.Error(path, $"environment variable {Excerpt.Quote(name)} is empty", "set it to a value");
        else if (value.Length > MaximumBytes) problems.Error(path, $"environment variable {Excerpt.Quote(name)} is longer than {ByteSizeText.Format(MaximumBytes)}", "use a shorter value");
        else return value;
        return null;
    }

    private string? ReadFile(string name, string path)
    {
        if (name.Length == 0 || name.Contains('\0'))
        {
            problems.Error(path, "${file:} needs a path", "write ${file:secrets/password}, relative to the configuration file, or an absolute path");
            return null;
        }

        var file = Path.GetFullPath(name, directory);
        if (!BoundedFile.TryRead(file, MaximumBytes, out var content, out var error))
        {
            files.TryAdd(file, error);
            problems.Error(path, $"file {Excerpt.Quote(name)} {error}", "relative paths start at the configuration file's directory");
            return null;
        }

        files.TryAdd(file, BoundedFile.Fingerprint(content));
        if (!YamlText.TryDecodePlain(content, out var value))
        {
            problems.Error(path, $"file {Excerpt.Quote(name)} is not text in UTF-8", "only text can be filled in");
            return null;
        }

        if (value.EndsWith('\n')) value = value[..^(value.EndsWith("\r\n", StringComparison.Ordinal) ? 2 : 1)];
        if (value.Length > 0) return value;
        problems.Error(path, $"file {Excerpt.Quote(name)} is empty", "write the value into it");
        return null;
    }
}
