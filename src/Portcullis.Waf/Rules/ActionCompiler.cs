using System.Collections.Frozen;
using System.Globalization;
using Portcullis.Waf.Actions;
using Portcullis.Waf.Bytes;
using Portcullis.Waf.Engine;
using Portcullis.Waf.Regexes;
using Portcullis.Waf.SecLang;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Rules;

/// <summary>Turns the actions that run at each match (<c>setvar</c>, <c>ctl</c>, <c>initcol</c> …) into what runs them.</summary>
internal sealed class ActionCompiler(NameTable names, TargetCompiler targets, List<RuleSelection> selections)
{
    private static readonly FrozenDictionary<string, BodyKind> BodyKinds = new Dictionary<string, BodyKind>(StringComparer.OrdinalIgnoreCase)
    {
        ["URLENCODED"] = BodyKind.Urlencoded,
        ["MULTIPART"] = BodyKind.Multipart,
        ["JSON"] = BodyKind.Json,
        ["XML"] = BodyKind.Xml,
        ["RAW"] = BodyKind.Raw,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, string> NoNamespaces = FrozenDictionary<string, string>.Empty;

    /// <summary>The action; null where it has nothing to run, or with what is wrong.</summary>
    public RuleAction? Compile(ActionSyntax action, out string? error)
    {
        error = null;
        var value = action.Value ?? "";
        return action.Name.ToUpperInvariant() switch
        {
            "SETVAR" => SetVar(value, out error),
            "SETENV" => SetVar("env." + value, out error),
            "INITCOL" => Assignment(value, out error) is { } pair ? InitCol(pair.Name, pair.Value, out error) : null,
            "SETSID" => InitCol("SESSION", value, out error),
            "SETUID" => InitCol("USER", value, out error),
            "SETRSC" => InitCol("RESOURCE", value, out error),
            "EXPIREVAR" => ExpireVar(value, out error),
            "CTL" => Assignment(value, out error) is { } pair ? Ctl(pair.Name, pair.Value, out error) : null,
            _ => null,
        };
    }

    private static (string Name, string Value)? Assignment(string text, out string? error)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        error = equals < 0 ? $"'{text}' needs a name, = and a value" : null;
        return equals < 0 ? null : (text[..equals].Trim(Blank.All), text[(equals + 1)..].Trim(Blank.All));
    }

    private SetVariable? SetVar(string text, out string? error)
    {
        var isRemoval = text.StartsWith('!');
        var equals = isRemoval ? -1 : text.IndexOf('=', StringComparison.Ordinal);
        var full = (equals < 0 ? text : text[..equals]).TrimStart('!').Trim(Blank.All);
        var value = equals < 0 ? "1" : text[(equals + 1)..];
        if (Member(full, out var collection, out var member, out error) is false) return null;

        var operation = isRemoval ? SetVariable.Operation.Remove
            : value.Length > 1 && value[0] == '+' ? SetVariable.Operation.Add
            : value.Length > 1 && value[0] == '-' ? SetVariable.Operation.Subtract
            : SetVariable.Operation.Assign;
        if (operation is SetVariable.Operation.Add or SetVariable.Operation.Subtract) value = value[1..];
        if (Macro.Parse(member, names, out error) is not { } name || Macro.Parse(value, names, out error) is not { } to) return null;
        return new SetVariable(collection, name, name.IsConstant ? names.Intern(name.Constant.Span) : NameTable.Unknown, operation, to);
    }

    private static bool Member(string full, out Variable collection, out string member, out string? error)
    {
        var dot = full.IndexOfAny(['.', ':']);
        member = dot < 0 ? "" : full[(dot + 1)..];
        error = null;
        if (dot > 0 && member.Length > 0 && VariableCatalogue.TryFind(full[..dot], out collection) && collection is >= Variable.Tx and <= Variable.Env) return true;
        collection = default;
        error = $"'{full}' is no variable that a rule can set; write tx.NAME, or a member of ip, global, session, user or resource";
        return false;
    }

    private InitCollection? InitCol(string collection, string key, out string? error)
    {
        if (!VariableCatalogue.TryFind(collection, out var variable) || variable is < Variable.Ip or > Variable.Resource)
        {
            error = $"'{collection}' is no persistent collection; those are ip, global, session, user and resource";
            return null;
        }

        return Macro.Parse(key, names, out error) is { } macro ? new InitCollection(variable, macro) : null;
    }

    private ExpireVariable? ExpireVar(string text, out string? error)
    {
        if (Assignment(text, out error) is not { } pair || !Member(pair.Name, out var collection, out var member, out error)) return null;
        if (collection is < Variable.Ip or > Variable.Resource)
        {
            error = $"{pair.Name} ends with the transaction anyway; expirevar is for ip, global, session, user and resource";
            return null;
        }

        return Macro.Parse(member, names, out error) is { } name && Macro.Parse(pair.Value, names, out error) is { } seconds ? new ExpireVariable(collection, name, seconds) : null;
    }

    private RuleAction? Ctl(string option, string value, out string? error)
    {
        error = null;
        switch (option.ToUpperInvariant())
        {
            case "RULEENGINE":
                return value.ToUpperInvariant() switch
                {
                    "ON" => new SetMode(EngineMode.On),
                    "DETECTIONONLY" => new SetMode(EngineMode.DetectionOnly),
                    "OFF" => new SetMode(EngineMode.Off),
                    _ => Wrong<RuleAction>($"ctl:ruleEngine={value}: write On, DetectionOnly or Off", out error),
                };
            case "REQUESTBODYACCESS" or "RESPONSEBODYACCESS":
                if (OnOff(value) is { } isRead) return new SetBodyAccess(option.StartsWith("request", StringComparison.OrdinalIgnoreCase), isRead);
                return Wrong<RuleAction>($"ctl:{option}={value}: write On or Off", out error);
            case "REQUESTBODYPROCESSOR":
                return BodyKinds.TryGetValue(value, out var kind) ? new SetBodyKind(kind) : Wrong<RuleAction>($"ctl:requestBodyProcessor={value}: write {string.Join(", ", BodyKinds.Keys)}", out error);
            case "FORCEREQUESTBODYVARIABLE":
                return OnOff(value) is { } isForced ? new ForceRequestBody(isForced) : Wrong<RuleAction>($"ctl:forceRequestBodyVariable={value}: write On or Off", out error);
            case "RULEREMOVEBYID" or "RULEREMOVEBYTAG" or "RULEREMOVEBYMSG":
                return Selection(option, value, out error) is { } removed ? new RemoveRules(removed) : null;
            case "RULEREMOVETARGETBYID" or "RULEREMOVETARGETBYTAG" or "RULEREMOVETARGETBYMSG":
                return Targets(option, value, out error);
            // Logs are the gateway's own.
            case "AUDITENGINE" or "AUDITLOGPARTS" or "DEBUGLOGLEVEL": return null;
            case "HASHENGINE" or "HASHENFORCEMENT": return Wrong<RuleAction>($"ctl:{option} is not supported: links are not signed", out error);
            default: return Wrong<RuleAction>($"there is no ctl:{option}", out error);
        }
    }

    private RuleSelection? Selection(string option, string value, out string? error)
    {
        error = null;
        RuleSelection selection;
        if (option.EndsWith("ById", StringComparison.OrdinalIgnoreCase))
        {
            if (IdRange.Parse(value) is not { } ranges) return Wrong<RuleSelection>($"ctl:{option}={value}: '{value}' is no id or range of ids", out error);
            selection = RuleSelection.ById(ranges);
        }
        else
        {
            if (Patterns.Compile(value, out var wrong) is not { } regex) return Wrong<RuleSelection>($"ctl:{option}={value}: {wrong}", out error);
            selection = option.EndsWith("Tag", StringComparison.OrdinalIgnoreCase) ? RuleSelection.ByTag(regex) : RuleSelection.ByMessage(regex);
        }

        selections.Add(selection);
        return selection;
    }

    private RemoveTarget? Targets(string option, string value, out string? error)
    {
        var semicolon = value.IndexOf(';', StringComparison.Ordinal);
        if (semicolon < 0) return Wrong<RemoveTarget>($"ctl:{option}={value}: write which rules, a semicolon and the target", out error);
        if (Selection(option, value[..semicolon], out error) is not { } rules || TargetParser.Parse(value[(semicolon + 1)..], out error) is not { } syntax) return null;
        if (syntax is not [var one] || one.IsCount) return Wrong<RemoveTarget>($"ctl:{option}={value}: it takes one target", out error);
        return targets.Compile(one with { IsExclusion = false }, NoNamespaces, out error) is { } target ? new RemoveTarget(rules, target) : null;
    }

    private static bool? OnOff(string value) => value.ToUpperInvariant() switch { "ON" => true, "OFF" => false, _ => null };

    private static T? Wrong<T>(string message, out string? error)
        where T : class
    {
        error = message;
        return null;
    }
}
