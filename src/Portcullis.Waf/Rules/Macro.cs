using Portcullis.Waf.Bytes;
using Portcullis.Waf.Engine;
using Portcullis.Waf.SecLang;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Rules;

/// <summary>Text with variables in it, <c>%{TX.score}</c>, compiled: what needs no variable is one constant.</summary>
internal sealed class Macro
{
    private readonly Part[] parts;

    private Macro(Part[] parts, Slice source)
    {
        this.parts = parts;
        Source = source;
    }

    /// <summary>The text as the rule has it.</summary>
    public Slice Source { get; }

    /// <summary>The whole text where it contains no variable; meaningless otherwise.</summary>
    public Slice Constant => parts.Length == 0 ? default : parts[0].Text;

    public bool IsConstant => parts.Length == 0 || (parts.Length == 1 && parts[0].Variable is null);

    /// <summary>Compiles text of a rule file; null with an error that says which macro is not known.</summary>
    public static Macro? Parse(string text, NameTable names, out string? error)
    {
        var parts = new List<Part>();
        var at = 0;
        error = null;
        while (at < text.Length)
        {
            var open = text.IndexOf("%{", at, StringComparison.Ordinal);
            var close = open < 0 ? -1 : text.IndexOf('}', open);
            if (close < 0)
            {
                parts.Add(new Part(Slice.Of(text[at..]), null));
                break;
            }

            if (open > at) parts.Add(new Part(Slice.Of(text[at..open]), null));
            if (Variable(text[(open + 2)..close], names, out error) is not { } target) return null;
            parts.Add(new Part(default, target));
            at = close + 1;
        }

        return new Macro([.. parts], Slice.Of(text));
    }

    /// <summary>The text with the values of now; lives as long as the transaction.</summary>
    public Slice Expand(Evaluation evaluation)
    {
        if (IsConstant) return Constant;
        if (parts.Length == 1) return evaluation.Variables.First(parts[0].Variable!);

        // First the parts, as they may need the arena themselves.
        var texts = parts.Length <= evaluation.MacroParts.Length ? evaluation.MacroParts.AsSpan(0, parts.Length) : new Slice[parts.Length];
        var whole = 0L;
        for (var at = 0; at < parts.Length; at++)
        {
            texts[at] = parts[at].Variable is { } variable ? evaluation.Variables.First(variable) : parts[at].Text;
            whole += texts[at].Length;
        }

        if (!evaluation.Arena.HasRoom(whole)) return default;
        var length = (int)whole;
        var room = evaluation.Arena.Reserve(length);
        foreach (var text in texts)
        {
            text.Span.CopyTo(room);
            room = room[text.Length..];
        }

        texts.Clear();
        return evaluation.Arena.Commit(length);
    }

    /// <summary>The text read as a number, by the rules of <see cref="Numbers.Parse"/>.</summary>
    public long Number(Evaluation evaluation)
        => parts.Length == 1 && parts[0].Variable is { } variable && evaluation.Variables.TryNumber(variable, out var number) ? number : Numbers.Parse(Expand(evaluation).Span);

    private static Target? Variable(string text, NameTable names, out string? error)
    {
        var dot = text.IndexOfAny(['.', ':']);
        var name = dot < 0 ? text : text[..dot];
        var member = dot < 0 ? null : text[(dot + 1)..];
        error = null;
        if (!VariableCatalogue.TryFind(name, out var variable))
        {
            error = $"%{{{text}}}: there is no variable {name}{(VariableCatalogue.WhyRefused(name) is { } why ? $" here: {why}" : Nearest.Hint(name, VariableCatalogue.AllNames))}";
            return null;
        }

        if (variable is Variables.Variable.FullRequest or Variables.Variable.FullRequestLength or Variables.Variable.FilesTmpContent)
        {
            error = $"%{{{text}}}: {name} can be looked at by a rule, but not be part of a text";
            return null;
        }

        if (member is null) return new Target { Variable = variable };
        if (!VariableCatalogue.IsCollection(variable))
        {
            error = $"%{{{text}}}: {name} has no members";
            return null;
        }

        if (member is ['/', .., '/'] && variable != Variables.Variable.Xml)
        {
            error = $"%{{{text}}}: a macro names one member, not a pattern";
            return null;
        }

        if (variable == Variables.Variable.Rule && !VariableCatalogue.IsOfRule(member))
        {
            error = $"%{{{text}}}: RULE has id, msg, severity, rev and logdata";
            return null;
        }

        var bytes = Slice.Of(member);
        return new Target { Variable = variable, Name = bytes, NameId = names.Intern(bytes.Span) };
    }

    private readonly record struct Part(Slice Text, Target? Variable);
}
