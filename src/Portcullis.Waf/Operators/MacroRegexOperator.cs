using System.Collections.Concurrent;
using System.Text;
using Portcullis.Waf.Engine;
using Portcullis.Waf.Regexes;
using Portcullis.Waf.Rules;

namespace Portcullis.Waf.Operators;

/// <summary>
/// <c>@rx</c> with macros in its pattern, which is known only when it runs: <c>^%{tx.allowed_charset}$</c>. What it comes to is compiled once and kept. If it is
/// no pattern, the rule does not match, and that is a fault of the engine.
/// </summary>
internal sealed class MacroRegexOperator(Macro pattern) : Operator
{
    /// <summary>At this many patterns all are forgotten: a client that can choose them wins nothing to fill memory with.</summary>
    public const int Capacity = 64;

    /// <summary>In bytes.</summary>
    public const int MaximumLength = 8 * 1024;

    private readonly ConcurrentDictionary<string, ByteRegex?> compiled = new(StringComparer.Ordinal);

    public override int Match(Evaluation evaluation, int value, Span<Capture> captures)
    {
        var text = pattern.Expand(evaluation);
        if (text.Length > MaximumLength || Regex(text.Span) is not { } regex)
        {
            evaluation.Fault(EngineFault.NoPattern);
            return NoMatch;
        }

        if (captures.IsEmpty) return regex.IsMatch(evaluation.Values[value]) ? 0 : NoMatch;
        return regex.Match(evaluation.Values[value], captures) ? Groups(captures) : NoMatch;
    }

    private ByteRegex? Regex(ReadOnlySpan<byte> text)
    {
        var known = compiled.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> characters = text.Length <= 512 ? stackalloc char[text.Length] : new char[text.Length];
        Encoding.Latin1.GetChars(text, characters);
        if (known.TryGetValue(characters, out var regex)) return regex;

        regex = ByteRegex.Compile(text).Regex;
        if (compiled.Count >= Capacity) compiled.Clear();
        compiled.TryAdd(characters.ToString(), regex);
        return regex;
    }
}
