using System.Globalization;
using System.Text;
using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Regexes;

/// <summary>Writes a parsed pattern for System.Text.RegularExpressions, for text whose bytes were widened by <see cref="Widen"/>.</summary>
internal static class PlatformPattern
{
    public static string Of(RegexNode root)
    {
        var text = new StringBuilder();
        Write(text, root);
        return text.ToString();
    }

    public static char Widen(byte value) => value < 0x80 ? (char)value : (char)(0xE000 + value);

    private static void Write(StringBuilder text, RegexNode node)
    {
        switch (node)
        {
            case RegexNode.Empty:
                text.Append("(?:)");
                break;
            case RegexNode.Set set:
                WriteSet(text, set.Bytes);
                break;
            case RegexNode.Concatenation concatenation:
                Array.ForEach(concatenation.Items, item => Write(text, item));
                break;
            case RegexNode.Alternation alternation:
                Wrap(text, "(?:", alternation.Options);
                break;
            case RegexNode.Repeat repeat:
                Wrap(text, "(?:", repeat.Body);
                text.Append(CultureInfo.InvariantCulture, $"{{{repeat.Min},");
                if (repeat.Max != RegexNode.Repeat.Unlimited) text.Append(repeat.Max);
                text.Append('}').Append(repeat.IsLazy ? "?" : "");
                break;
            case RegexNode.Group group:
                Wrap(text, string.Create(CultureInfo.InvariantCulture, $"(?<{group.Index}>"), group.Body);
                break;
            case RegexNode.Assertion assertion:
                text.Append(Assertion(assertion.Kind));
                break;
            case RegexNode.NotBefore look:
                Wrap(text, "(?!", new RegexNode.Set(look.Bytes));
                break;
            case RegexNode.Atomic atomic:
                Wrap(text, "(?>", atomic.Body);
                break;
            case RegexNode.Look look:
                Wrap(text, look.IsBehind ? look.IsNegative ? "(?<!" : "(?<=" : look.IsNegative ? "(?!" : "(?=", look.Body);
                break;
            case RegexNode.BackReference reference:
                text.Append(CultureInfo.InvariantCulture, $"(?{(reference.IgnoresCase ? "i" : "")}:\\{reference.Index})");
                break;
            default:
                throw new ArgumentException($"{node.GetType().Name} is unknown", nameof(node));
        }
    }

    private static void Wrap(StringBuilder text, string opening, params ReadOnlySpan<RegexNode> options)
    {
        text.Append(opening);
        for (var i = 0; i < options.Length; i++)
        {
            if (i > 0) text.Append('|');
            Write(text, options[i]);
        }

        text.Append(')');
    }

    private static string Assertion(AssertionKind kind) => kind switch
    {
        AssertionKind.Start => @"\A",
        AssertionKind.End => @"\z",
        AssertionKind.EndOrFinalLineFeed => @"\Z",
        AssertionKind.LineStart => @"(?:\A|(?<=\n)(?!\z))",
        AssertionKind.LineEnd => @"(?=\n|\z)",
        AssertionKind.WordBoundary => @"\b",

        // Not \B: behind a loop of other than word bytes the platform (10.0) takes it for a reason not to give back, and misses \*+\B in "**d".
        AssertionKind.NotWordBoundary => @"(?:(?<=\w)(?=\w)|(?<!\w)(?!\w))",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>All members by their numbers: nothing in brackets has a meaning of its own then.</summary>
    private static void WriteSet(StringBuilder text, in ByteSet set)
    {
        if (set.IsEmpty)
        {
            text.Append("(?!)");
            return;
        }

        text.Append('[');
        for (var from = 0; from < 256; from++)
        {
            if (!set.Contains((byte)from)) continue;
            var to = from;

            // A range does not cross 0x80, where the characters leap.
            while (to + 1 < 256 && to + 1 != 0x80 && set.Contains((byte)(to + 1)))
            {
                to++;
            }

            text.Append(CultureInfo.InvariantCulture, $"\\u{(int)Widen((byte)from):X4}-\\u{(int)Widen((byte)to):X4}");
            from = to;
        }

        text.Append(']');
    }
}
