using System.Text.RegularExpressions;
using Portcullis.EndToEnd.Tests.CoreRuleSet.Running;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Dialects;

/// <summary>What a stage expects; what is not stated is not looked at.</summary>
internal sealed record Expectation
{
    /// <summary>Any of these, or no matter which where empty.</summary>
    public IReadOnlyList<int> Statuses { get; init; } = [];

    /// <summary>Matches a line of the log.</summary>
    public Regex? LogMatches { get; init; }

    /// <summary>Matches no line of the log.</summary>
    public Regex? LogMatchesNot { get; init; }

    public IReadOnlyList<int> Ids { get; init; } = [];

    public IReadOnlyList<int> NoIds { get; init; } = [];

    /// <summary>Exactly one rule is logged.</summary>
    public bool IsIsolated { get; init; }

    /// <summary>There is no answer, or none that is HTTP. A stage that expects this expects nothing else.</summary>
    public bool IsError { get; init; }

    /// <summary>A first failure does not count: what the stage looks for may be logged late.</summary>
    public bool RetriesOnce { get; init; }

    public Regex? ResponseMatches { get; init; }

    /// <summary>Why the stage failed; null where it passed.</summary>
    public string? Judge(RawResponse response, RuleHits hits)
    {
        if (IsError) return response.Fault is null ? $"expected no answer, got {response.Status}" : null;
        if (response.Fault is not null) return response.Fault;
        if (Statuses.Count > 0 && !Statuses.Contains(response.Status)) return $"status {response.Status}, expected {string.Join(" or ", Statuses)}";
        if (ResponseMatches is not null && !ResponseMatches.IsMatch(response.Text)) return $"response does not match {ResponseMatches}";
        if (LogMatches is not null && !hits.Lines.Any(LogMatches.IsMatch)) return $"no line matches {LogMatches}";
        if (LogMatchesNot is not null && hits.Lines.Any(LogMatchesNot.IsMatch)) return $"a line matches {LogMatchesNot}";
        if (Ids.Except(hits.Ids).ToArray() is { Length: > 0 } missing) return $"not logged: {string.Join(',', missing)}";
        if (NoIds.Intersect(hits.Ids).ToArray() is { Length: > 0 } extra) return $"logged: {string.Join(',', extra)}";
        if (IsIsolated && hits.Ids.Distinct().Count() != 1) return $"more than the one rule: {string.Join(',', hits.Ids.Distinct())}";
        return null;
    }
}
