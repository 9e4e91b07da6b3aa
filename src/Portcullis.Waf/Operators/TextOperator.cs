using Portcullis.Waf.Engine;
using Portcullis.Waf.Regexes;
using Portcullis.Waf.Rules;

namespace Portcullis.Waf.Operators;

/// <summary><c>@streq @contains @containsWord @beginsWith @endsWith @within @strmatch</c>: byte by byte, case counts, the argument may contain macros.</summary>
internal sealed class TextOperator(TextOperator.Comparison comparison, Macro argument) : Operator
{
    internal enum Comparison
    {
        Equals,
        Contains,
        ContainsWord,
        BeginsWith,
        EndsWith,
        Within,
    }

    public override int Match(Evaluation evaluation, int value, Span<Capture> captures)
    {
        var text = evaluation.Values[value];
        var other = argument.Expand(evaluation).Span;
        var matches = comparison switch
        {
            Comparison.Equals => text.SequenceEqual(other),
            Comparison.Contains => text.IndexOf(other) >= 0,
            Comparison.ContainsWord => ContainsWord(text, other),
            Comparison.BeginsWith => text.StartsWith(other),
            Comparison.EndsWith => text.EndsWith(other),
            _ => other.IndexOf(text) >= 0,
        };
        return matches ? 0 : NoMatch;
    }

    private static bool ContainsWord(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word)
    {
        if (word.IsEmpty) return true;
        for (var from = 0; text[from..].IndexOf(word) is >= 0 and var found; from += found + 1)
        {
            var begin = from + found;
            var end = begin + word.Length;
            if ((begin == 0 || !IsWord(text[begin - 1])) && (end == text.Length || !IsWord(text[end]))) return true;
        }

        return false;
    }

    private static bool IsWord(byte one) => char.IsAsciiLetterOrDigit((char)one) || one == '_';
}
