using Portcullis.Waf.Bodies;
using Portcullis.Waf.Bytes;
using Portcullis.Waf.Regexes;
using Portcullis.Waf.SecLang;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Rules;

/// <summary>Turns targets as written into targets as evaluated.</summary>
internal sealed class TargetCompiler(NameTable names)
{
    // Equal selectors are one object, so that what they select is looked at once for all rules.
    private readonly Dictionary<string, ByteRegex> regexes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, XmlQuery> queries = new(StringComparer.Ordinal);

    /// <summary>The target, or null with what is wrong. <paramref name="namespaces"/> are the prefixes that an XPath expression may use.</summary>
    public Target? Compile(TargetSyntax syntax, IReadOnlyDictionary<string, string> namespaces, out string? error)
    {
        error = null;
        if (!VariableCatalogue.TryFind(syntax.Variable, out var variable))
        {
            error = VariableCatalogue.WhyRefused(syntax.Variable) is { } why
                ? $"the variable {syntax.Variable} is not supported: {why}"
                : $"there is no variable {syntax.Variable}{Nearest.Hint(syntax.Variable, VariableCatalogue.AllNames)}";
            return null;
        }

        if (syntax.Selector is not null && !VariableCatalogue.IsCollection(variable))
        {
            error = $"{syntax.Variable} has no members, so :{syntax.Selector} selects nothing";
            return null;
        }

        if (variable == Variable.Rule && (syntax.SelectorIsRegex || !VariableCatalogue.IsOfRule(syntax.Selector)))
        {
            error = "RULE needs a member: RULE:id, RULE:msg, RULE:severity, RULE:rev or RULE:logdata";
            return null;
        }

        return Select(variable, syntax, namespaces, out error) is { } target
            ? syntax.IsCount ? new Target { Variable = variable, Name = target.Name, NameId = target.NameId, Counted = target } : target
            : null;
    }

    private Target? Select(Variable variable, TargetSyntax syntax, IReadOnlyDictionary<string, string> namespaces, out string? error)
    {
        error = null;
        if (syntax.Selector is not { } selector) return new Target { Variable = variable };
        if (variable == Variable.Xml)
        {
            if (namespaces.Count > 0 || !queries.TryGetValue(selector, out var query)) query = XmlQuery.TryCompile(selector, namespaces);
            if (query is not null && namespaces.Count == 0) queries[selector] = query;
            error = query is null ? $"XML:{selector} is no XPath 1.0 expression that selects nodes; a prefix in it needs the action xmlns:PREFIX=URI" : null;
            return query is null ? null : new Target { Variable = variable, Name = Slice.Of(selector), Query = query };
        }

        if (!syntax.SelectorIsRegex)
        {
            var name = Slice.Of(selector);
            return new Target { Variable = variable, Name = name, NameId = names.Intern(name.Span) };
        }

        // Names of members do not depend on case, so neither does a pattern of names.
        if (!regexes.TryGetValue(selector, out var regex))
        {
            regex = Patterns.Compile($"(?i:{selector})", out var wrong);
            error = regex is null ? $"{syntax.Variable}:/{selector}/: {wrong}" : null;
            if (regex is not null) regexes.Add(selector, regex);
        }

        return regex is null ? null : new Target { Variable = variable, NameRegex = regex };
    }
}
