using System.Globalization;
using Portcullis.Waf.Bytes;
using Portcullis.Waf.Engine;
using Portcullis.Waf.Rules;

namespace Portcullis.Waf.Variables;

/// <summary>Finds the values that targets and macros mean.</summary>
internal sealed class VariableReader(Evaluation evaluation)
{
    private readonly FoundList single = new(evaluation.Arena);

    /// <summary>Adds the values of a target to the list, or their number where the target counts.</summary>
    public void Expand(Target target, FoundList list)
    {
        if (target.IsCount)
        {
            Count(target, list);
            return;
        }

        switch (VariableCatalogue.Kind(target.Variable))
        {
            case VariableKind.Message:
                evaluation.Message.Expand(target, list);
                break;
            case VariableKind.Changing:
                ExpandChanging(target, list);
                break;
            case VariableKind.Text:
                ExpandText(target.Variable, list);
                break;
            default:
                if (TryNumber(target, out var number)) AddNumber(target.Variable, number, list);
                break;
        }
    }

    /// <summary>The bytes of a found value.</summary>
    public Slice Text(ref Found found)
    {
        if (found.Value != Found.NoValue) return evaluation.Values.Slice(found.Value);
        if (found.IsNumber && found.Text.IsEmpty) found.Text = VariableStore.Decimal(evaluation.Arena, found.Number);
        return found.Text;
    }

    /// <summary>The found value's number in the value table.</summary>
    public int Value(ref Found found)
    {
        if (found.Value == Found.NoValue) found.Value = evaluation.Values.Add(Text(ref found));
        return found.Value;
    }

    /// <summary>The first value that a target means; empty if there is none.</summary>
    public Slice First(Target target)
    {
        single.Clear();
        Expand(target, single);
        return single.Count == 0 ? default : Text(ref single[0]);
    }

    /// <summary>The first value as a number, where it is one without being read from text.</summary>
    public bool TryNumber(Target target, out long number)
    {
        number = 0;
        switch (VariableCatalogue.Kind(target.Variable))
        {
            case VariableKind.Number:
                number = target.Variable switch
                {
                    Variable.HighestSeverity => (long)evaluation.HighestSeverity,
                    Variable.Duration => (long)evaluation.Clock.GetElapsedTime(evaluation.Started).TotalMicroseconds,
                    >= Variable.TimeDay and <= Variable.TimeYear => TimePart(target.Variable),
                    _ => evaluation.Message.Number(target.Variable),
                };
                return evaluation.Message.Has(target.Variable);
            case VariableKind.Changing when target.Variable == Variable.Tx && target.NameId != NameTable.Unknown:
                var at = evaluation.Tx.Find(target.NameId, target.Name.Span);
                if (at < 0 || !evaluation.Tx[at].IsNumber) return false;
                number = evaluation.Tx[at].Number;
                return true;
            default:
                return false;
        }
    }

    /// <summary>Lets go of what the transaction held.</summary>
    public void Forget() => single.Forget();

    private void Count(Target target, FoundList list)
    {
        single.Clear();
        Expand(target.Counted!, single);
        ref var found = ref list.Add();
        found.Variable = target.Variable;
        found.Name = target.Name;
        found.NameId = target.NameId;
        found.Value = Found.NoValue;
        found.IsCount = found.IsNumber = true;
        found.Number = single.Count;
    }

    private void ExpandChanging(Target target, FoundList list)
    {
        switch (target.Variable)
        {
            case Variable.Tx: ExpandStore(target, evaluation.Tx, list); break;
            case Variable.Env: ExpandStore(target, evaluation.Env, list); break;
            case Variable.MatchedVars or Variable.MatchedVarsNames:
                for (var at = 0; at < evaluation.Matched.Count && !evaluation.Arena.IsFull; at++)
                {
                    var match = evaluation.Matched[at];
                    var name = match.FullName(evaluation.Arena);
                    var nameId = evaluation.Plan.Names.Find(name.Span);
                    if (!target.Selects(nameId, name.Span)) continue;
                    ref var found = ref list.Add();
                    found.Variable = target.Variable;
                    found.Name = name;
                    found.NameId = nameId;
                    found.Value = Found.NoValue;
                    found.Text = target.Variable == Variable.MatchedVars ? match.Value : name;
                }

                break;
            case Variable.Geo: break;
            case Variable.Rule:
                AddText(Variable.Rule, RuleText(target), list);
                (list[list.Count - 1].Name, list[list.Count - 1].NameId) = (target.Name, target.NameId);
                break;
            default: evaluation.Records[target.Variable - Variable.Ip]?.Expand(target, evaluation.Plan.Names, evaluation.Arena, list); break;
        }
    }

    private static void ExpandStore(Target target, VariableStore store, FoundList list)
    {
        if (target.NameId != NameTable.Unknown)
        {
            var at = store.Find(target.NameId, target.Name.Span);
            if (at >= 0) AddItem(target, store[at], list);
            return;
        }

        store.Deferred?.Settle();
        for (var at = 0; at < store.Count; at++)
        {
            ref readonly var item = ref store[at];
            if (item.IsSet && target.Selects(item.NameId, item.Name.Span)) AddItem(target, item, list);
        }
    }

    private static void AddItem(Target target, in VariableStore.Entry item, FoundList list)
    {
        ref var found = ref list.Add();
        found.Variable = target.Variable;
        found.Name = item.Name;
        found.NameId = item.NameId;
        found.Value = Found.NoValue;
        found.IsNumber = item.IsNumber;
        found.Number = item.Number;
        found.Text = item.Text;
    }

    private void ExpandText(Variable variable, FoundList list)
    {
        switch (variable)
        {
            case Variable.MatchedVar:
                if (evaluation.Matched.HasLast) AddText(variable, evaluation.Matched.Last.Value, list);
                return;
            case Variable.MatchedVarName:
                if (evaluation.Matched.HasLast) AddText(variable, evaluation.Matched.Last.FullName(evaluation.Arena), list);
                return;
            case Variable.Time:
                AddText(variable, Slice.Of(Now().ToString("HH:mm:ss", CultureInfo.InvariantCulture)), list);
                return;
        }

        if (!evaluation.Message.Has(variable)) return;
        ref var found = ref list.Add();
        found.Variable = variable;
        found.NameId = NameTable.Unknown;
        found.Value = evaluation.Message.TextValue(variable);
    }

    private static void AddText(Variable variable, Slice text, FoundList list)
    {
        ref var found = ref list.Add();
        found.Variable = variable;
        found.NameId = NameTable.Unknown;
        found.Value = Found.NoValue;
        found.Text = text;
    }

    private static void AddNumber(Variable variable, long number, FoundList list)
    {
        ref var found = ref list.Add();
        found.Variable = variable;
        found.NameId = NameTable.Unknown;
        found.Value = Found.NoValue;
        found.IsNumber = true;
        found.Number = number;
    }

    private Slice RuleText(Target target) => evaluation.Current is not { } rule ? default : target.Name.ToString().ToUpperInvariant() switch
    {
        "ID" => Slice.Of(rule.Id.ToString(CultureInfo.InvariantCulture)),
        "REV" => Slice.Of(rule.Revision ?? ""),
        "SEVERITY" => Slice.Of(rule.Severity == Severity.None ? "" : ((int)rule.Severity).ToString(CultureInfo.InvariantCulture)),
        "MSG" => rule.Message?.Constant ?? default,
        "LOGDATA" => rule.LogData?.Constant ?? default,
        _ => default,
    };

    private DateTimeOffset Now() => TimeZoneInfo.ConvertTime(evaluation.Clock.GetUtcNow(), evaluation.Clock.LocalTimeZone);

    private long TimePart(Variable variable) => variable switch
    {
        Variable.TimeEpoch => evaluation.Clock.GetUtcNow().ToUnixTimeSeconds(),
        Variable.TimeDay => Now().Day,
        Variable.TimeHour => Now().Hour,
        Variable.TimeMin => Now().Minute,
        Variable.TimeMon => Now().Month - 1,
        Variable.TimeSec => Now().Second,
        Variable.TimeWday => (long)Now().DayOfWeek,
        _ => Now().Year,
    };
}
