using Portcullis.Gateway.Policies.Waf;

namespace Portcullis.Gateway.Configuration;

/// <summary>What came of loading a configuration.</summary>
public sealed class LoadResult
{
    internal LoadResult(GatewayOptions bound, SourceMap source, ConfigurationProblems problems, string directory, IReadOnlyDictionary<string, string> fingerprints)
    {
        Bound = bound;
        Source = source;
        Problems = problems;
        Directory = directory;
        Fingerprints = fingerprints;
    }

    /// <summary>
    /// The configuration, or null while there are errors. Errors that are added to <see cref="Problems"/> later, by the
    /// compiler, count too.
    /// </summary>
    public GatewayOptions? Options => Problems.HasErrors ? null : Bound;

    /// <summary>What could be read, also when there are errors: for further checks only, never to be applied. Broken parts are left out.</summary>
    public GatewayOptions Bound { get; }

    /// <summary>All errors and warnings.</summary>
    public ConfigurationProblems Problems { get; }

    /// <summary>Where the values stand.</summary>
    public SourceMap Source { get; }

    /// <summary>Absolute path that relative paths in the configuration start at.</summary>
    public string Directory { get; }

    /// <summary>
    /// Absolute paths of the files that were read, the configuration itself and those filled in by <c>${file:…}</c>, with what
    /// identifies the content that the load saw. Files that can't be read are there too: a change of one is a change of the configuration.
    /// </summary>
    internal IReadOnlyDictionary<string, string> Fingerprints { get; }

    /// <summary>The same for the files of the firewall's rules, by what <see cref="RuleSets.Fingerprint"/> says of them.</summary>
    internal IReadOnlyDictionary<string, string> RuleFiles { get; init; } = new Dictionary<string, string>();
}
