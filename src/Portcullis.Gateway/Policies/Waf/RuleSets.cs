using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Configuration.Binding;
using Portcullis.Waf;
using Portcullis.Waf.Variables;

namespace Portcullis.Gateway.Policies.Waf;

/// <summary>
/// The rules in use and what they share beyond configurations. Rules are compiled once for all routes, and again only where a file of theirs has other
/// content. Thread safe.
/// </summary>
public sealed class RuleSets
{
    private readonly Lock gate = new();
    private string? lastContent;
    private RuleSetResult? last;

    public RuleSets(TimeProvider clock) => Collections = new PersistentCollections(clock);

    /// <summary>What rules remember between requests; outlives every reload.</summary>
    internal PersistentCollections Collections { get; }

    internal BodyMemory Bodies { get; } = new();

    /// <summary>Loads rules, or gives those at hand where nothing has changed.</summary>
    internal RuleSetResult Load(WafOptions options)
    {
        var directory = Directory.GetCurrentDirectory(); // loading has made the names absolute
        var content = string.Join('\n', options.Rules.Concat(RuleSet.FilesOf(options.Rules, directory).Select(file => $"{file} {Fingerprint(file)}")));
        lock (gate)
        {
            if (last is not null && lastContent == content) return last;
            var loaded = RuleSet.Load(options.Rules, directory);
            if (loaded.RuleSet is not null) (last, lastContent) = (loaded, content);
            return loaded;
        }
    }

    /// <summary>What is to be watched for a change of these rules: their files, and the directories that patterns look into.</summary>
    internal static IEnumerable<string> WatchedPaths(WafOptions options)
    {
        var directories = options.Rules.Where(source => source.AsSpan().ContainsAny('*', '?')).Select(Path.GetDirectoryName).OfType<string>().Where(Directory.Exists);
        return RuleSet.FilesOf(options.Rules, Directory.GetCurrentDirectory()).Concat(directories).Distinct(StringComparer.Ordinal);
    }

    /// <summary>What identifies the content of a rule file, or the names in a directory.</summary>
    internal static string Fingerprint(string path)
    {
        if (!Directory.Exists(path)) return BoundedFile.Fingerprint(path, RuleSet.MaximumFileSize);
        try
        {
            return string.Join('\n', Directory.EnumerateFileSystemEntries(path).Order(StringComparer.Ordinal));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.GetType().Name;
        }
    }
}
