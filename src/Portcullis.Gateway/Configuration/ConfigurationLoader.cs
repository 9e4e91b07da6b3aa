using System.Collections;
using Portcullis.Gateway.Configuration.Binding;
using Portcullis.Gateway.Configuration.Rules;
using Portcullis.Gateway.Configuration.Yaml;
using Portcullis.Gateway.Policies;
using Portcullis.Gateway.Policies.Waf;
using Portcullis.Waf;

namespace Portcullis.Gateway.Configuration;

/// <summary>
/// Reads a configuration: text, then records, then the rules that need nothing but the records. The one path for <c>serve</c>,
/// reload, <c>check</c> and the admin API. Whatever the bytes are, the answer is a result, never an exception. Safe from any thread.
/// </summary>
public sealed class ConfigurationLoader
{
    /// <summary>Size beyond which a file is refused.</summary>
    public const int MaximumBytes = 4 * 1024 * 1024;

    private readonly IReadOnlyList<PolicyKind> kinds;
    private readonly IReadOnlyDictionary<string, string> variables;

    /// <param name="kinds">The policies that routes may have.</param>
    /// <param name="variables">Environment variables for <c>${env:…}</c> and <c>PORTCULLIS__…</c>; null takes the process's.</param>
    public ConfigurationLoader(IReadOnlyList<PolicyKind> kinds, IReadOnlyDictionary<string, string>? variables = null)
    {
        this.kinds = kinds;
        this.variables = variables ?? ReadEnvironment();
    }

    /// <summary>Loads a file. One that can't be read is an error in the result.</summary>
    public LoadResult LoadFile(string path)
    {
        var full = path.Length == 0 || path.Contains('\0') ? null : Path.GetFullPath(path);
        string? error = "is not a valid file name";
        if (full is not null && BoundedFile.TryRead(full, MaximumBytes, out var content, out error)) return Load(content, path, Path.GetDirectoryName(full)!, full);

        var source = new SourceMap(path);
        var problems = new ConfigurationProblems(source);
        problems.ErrorAt(0, 0, string.Empty, "the file " + error, "name a configuration file; `portcullis init` writes one to start from");
        return new(new GatewayOptions(), source, problems, Path.GetDirectoryName(full) ?? Directory.GetCurrentDirectory(), Fingerprints(full, error!));
    }

    /// <summary>Loads the bytes of a file.</summary>
    /// <param name="utf8">The file's content, at most <see cref="MaximumBytes"/>.</param>
    /// <param name="file">What messages call it.</param>
    /// <param name="directory">Where relative paths start; null: the working directory.</param>
    public LoadResult Load(ReadOnlySpan<byte> utf8, string file = "(input)", string? directory = null)
        => Load(utf8, file, Path.GetFullPath(directory is null or "" ? "." : directory), null);

    private LoadResult Load(ReadOnlySpan<byte> utf8, string file, string directory, string? fullName)
    {
        var source = new SourceMap(file);
        var problems = new ConfigurationProblems(source);
        var placeholders = new Placeholders(directory, variables, source, problems);
        var bound = new GatewayOptions();

        if (TryParse(utf8, source, problems, out var root))
        {
            bound = new Binder(source, problems, kinds, placeholders, directory).BindRoot(root);
            ConfigurationRules.Check(bound, directory, source, problems);
        }

        return new(bound, source, problems, directory, Fingerprints(fullName, BoundedFile.Fingerprint(utf8), placeholders.Files)) { RuleFiles = RuleFiles(bound, problems) };
    }

    /// <summary>The files of the firewall's rules as they are now; they are compiled later, and a change in between is a change to be noticed.</summary>
    private static Dictionary<string, string> RuleFiles(GatewayOptions options, ConfigurationProblems problems)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        if (options.Waf.Rules is [RuleSet.Builtin] || problems.HasErrors) return all;
        foreach (var path in RuleSets.WatchedPaths(options.Waf)) all[path] = RuleSets.Fingerprint(path);
        return all;
    }

    private static Dictionary<string, string> Fingerprints(string? file, string fingerprint, IReadOnlyDictionary<string, string>? included = null)
    {
        var all = new Dictionary<string, string>(included ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        if (file is not null) all[file] = fingerprint;
        return all;
    }

    private bool TryParse(ReadOnlySpan<byte> utf8, SourceMap source, ConfigurationProblems problems, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out YamlNode? root)
    {
        root = null;
        if (utf8.Length > MaximumBytes)
        {
            problems.ErrorAt(1, 1, string.Empty, $"larger than {ByteSizeText.Format(MaximumBytes)}", "a configuration is never that large; is it the right file?");
            return false;
        }

        if (!YamlText.TryDecode(utf8, out var text, out var defect) || !YamlComposer.TryCompose(text, out root, out defect))
        {
            problems.ErrorAt(defect.Line, defect.Column, string.Empty, defect.Message, defect.Hint);
            return false;
        }

        root = EnvironmentOverrides.Apply(root, variables, source, problems);
        if (root is not null) return true;
        problems.ErrorAt(1, 1, string.Empty, "the configuration is empty", "`portcullis init` writes one to start from");
        return false;
    }

    private static Dictionary<string, string> ReadEnvironment()
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
            result[(string)entry.Key] = (string?)entry.Value ?? string.Empty;
        return result;
    }
}
