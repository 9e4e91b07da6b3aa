using Portcullis.Waf.Bytes;
using Portcullis.Waf.Engine;
using Portcullis.Waf.Rules;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Actions;

/// <summary><c>setvar</c> and <c>setenv</c>: gives a variable a value, adds to it, subtracts from it, or removes it.</summary>
internal sealed class SetVariable(Variable collection, Macro name, int nameId, SetVariable.Operation operation, Macro value) : RuleAction
{
    internal enum Operation
    {
        Assign,
        Add,
        Subtract,
        Remove,
    }

    /// <summary>What it puts into TX, where that is known when rules are loaded; null where it is not.</summary>
    public VariableStore.Entry? Prepared
        => collection == Variable.Tx && operation == Operation.Assign && nameId != NameTable.Unknown && name.IsConstant && value.IsConstant
            ? VariableStore.Entry.Of(nameId, name.Constant, value.Constant, Number(value.Constant.Span))
            : null;

    public override void Run(Evaluation evaluation)
    {
        var variable = name.Expand(evaluation);
        var id = nameId != NameTable.Unknown ? nameId : evaluation.Plan.Names.Find(variable.Span);
        if (collection == Variable.Tx) Set(evaluation, evaluation.Tx, id, variable);
        else if (collection == Variable.Env) Set(evaluation, evaluation.Env, id, variable);
        else if (evaluation.Records[collection - Variable.Ip] is { } record) Set(evaluation, record, variable);
    }

    private void Set(Evaluation evaluation, VariableStore store, int id, Slice variable)
    {
        if (store == evaluation.Tx && evaluation.Settings.IsPinned(id)) return;
        var isKept = true;
        switch (operation)
        {
            case Operation.Remove:
                store.Unset(id, variable.Span);
                break;
            case Operation.Assign when value.IsConstant && Number(value.Constant.Span) is { } number:
                isKept = store.Set(id, variable, number);
                break;
            case Operation.Assign:
                isKept = store.Set(id, variable, value.Expand(evaluation));
                break;
            default:
                var at = store.Find(id, variable.Span);
                var before = at < 0 ? 0 : store[at].IsNumber ? store[at].Number : Numbers.Parse(store[at].Text.Span);
                var amount = value.Number(evaluation);
                // As in ModSecurity 2, a counter never goes below zero.
                isKept = store.Set(id, variable, Math.Max(0, Numbers.Add(before, operation == Operation.Add ? amount : -amount)));
                break;
        }

        if (!isKept) evaluation.Fault(EngineFault.OutOfRoom);
    }

    private void Set(Evaluation evaluation, CollectionRecord record, Slice variable)
    {
        switch (operation)
        {
            case Operation.Remove: record.Unset(variable.Span); break;
            case Operation.Assign: record.Set(variable.Span, value.Expand(evaluation).Span); break;
            case Operation.Add: record.Add(variable.Span, value.Number(evaluation)); break;
            default: record.Add(variable.Span, -value.Number(evaluation)); break;
        }
    }

    // Only what is written out the same again: "010" stays text.
    private static long? Number(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text.Length > 18 || (text[0] == '0' && text.Length > 1) || text.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return null;
        return Numbers.Parse(text);
    }
}
