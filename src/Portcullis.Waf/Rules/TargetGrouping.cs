using Portcullis.Waf.Bodies;
using Portcullis.Waf.Operators;
using Portcullis.Waf.Regexes;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Rules;

/// <summary>Finds which rules can be passed over by the candidates of a <see cref="TargetGroup"/>, and makes the groups.</summary>
internal sealed class TargetGrouping
{
    private readonly List<TargetColumn> columns = [];
    private readonly Dictionary<ColumnKey, int> columnOf = [];
    private readonly List<TargetGroup> groups = [];
    private readonly List<int> groupColumns = [];
    private readonly Dictionary<string, int> groupOf = new(StringComparer.Ordinal);

    public TargetColumn[] Columns => [.. columns];

    public TargetGroup[] Groups => [.. groups];

    public int[] GroupColumns => [.. groupColumns];

    public static TargetGrouping Of(IEnumerable<Rule> rules)
    {
        var grouping = new TargetGrouping();
        foreach (var rule in rules)
        {
            var link = rule.Links[0];
            if (CanBePassedOver(link)) link.Group = grouping.Group(link);
        }

        return grouping;
    }

    // What rules change while a phase runs can't be looked at once for all rules.
    private static bool CanBePassedOver(Link link)
        => link is { IsNegated: false, IsMultiMatch: false, Operator: PatternOperator }
            && link.Targets.All(target => !target.IsCount && IsOfMessage(target.Variable));

    private static bool IsOfMessage(Variable variable)
        => VariableCatalogue.Kind(variable) is VariableKind.Message or VariableKind.Text
            && variable is not (Variable.MatchedVar or Variable.MatchedVarName or Variable.Time or Variable.SessionId or Variable.UserId);

    private int Group(Link link)
    {
        link.Columns = [.. link.Targets.Select(target => Column(target, link.Chain))];
        var members = link.Columns.Distinct().Order().ToArray();
        var key = string.Join(',', members);
        if (groupOf.TryGetValue(key, out var group)) return group;
        groups.Add(new TargetGroup(groupColumns.Count, members.Length));
        groupColumns.AddRange(members);
        groupOf.Add(key, groups.Count - 1);
        return groups.Count - 1;
    }

    private int Column(Target target, int chain)
    {
        var key = new ColumnKey(target.Variable, target.NameId, target.NameRegex, target.Query, chain);
        if (columnOf.TryGetValue(key, out var column)) return column;
        columns.Add(new TargetColumn(target, chain));
        columnOf.Add(key, columns.Count - 1);
        return columns.Count - 1;
    }

    // Names have numbers, equal patterns and paths are one object: see TargetCompiler.
    private readonly record struct ColumnKey(Variable Variable, int NameId, ByteRegex? NameRegex, XmlQuery? Query, int Chain);
}
