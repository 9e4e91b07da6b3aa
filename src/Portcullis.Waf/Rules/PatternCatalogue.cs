using Portcullis.Waf.Literals;

namespace Portcullis.Waf.Rules;

/// <summary>The distinct patterns and word lists of a rule set: each has a bit in what the one scan of a value gives.</summary>
internal sealed class PatternCatalogue
{
    private readonly Dictionary<string, int> known = new(StringComparer.Ordinal);
    private readonly List<MatchRequirement> requirements = [];

    /// <summary>The number of a pattern. <paramref name="key"/> tells equal ones.</summary>
    public int Add(string key, Func<MatchRequirement> analyse)
    {
        if (known.TryGetValue(key, out var pattern)) return pattern;
        requirements.Add(analyse());
        known.Add(key, requirements.Count - 1);
        return requirements.Count - 1;
    }

    public Prefilter Build() => Prefilter.Build(requirements);
}
