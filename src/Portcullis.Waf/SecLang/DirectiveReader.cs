using System.Text;

namespace Portcullis.Waf.SecLang;

/// <summary>
/// Splits the text of a rule file into directives, by the rules of Apache's configuration files, for which SecLang was made: a backslash at the end of
/// a line continues it, <c>#</c> begins a comment line, an argument stands in double or single quotes or ends at white space, and in an argument
/// <c>\\</c> is one backslash and <c>\"</c> a quote. As in Coraza, a line that ends with a back quote begins a block of lines up to a lone one.
/// </summary>
internal sealed class DirectiveReader(string text, string file, List<RuleError> errors)
{
    private int position;
    private int line;

    public IEnumerable<Directive> Read()
    {
        while (NextLine() is { } first)
        {
            var begin = line;
            var whole = Continue(first).Trim(Blank.All);
            if (whole.Length == 0 || whole[0] == '#') continue;

            var location = new SourceLocation(file, begin);
            if (whole[0] == '<')
            {
                errors.Add(new RuleError(location, $"'{Shorten(whole)}' is a section of a web server's configuration; remove it, rule files contain directives only"));
                continue;
            }

            if (Split(whole, location) is { } directive) yield return directive;
        }
    }

    private string? NextLine()
    {
        if (position >= text.Length) return null;
        var end = text.IndexOf('\n', position);
        if (end < 0) end = text.Length;
        var found = text[position..end];
        position = end + 1;
        line++;
        return found.EndsWith('\r') ? found[..^1] : found;
    }

    private string Continue(string first)
    {
        if (!first.EndsWith('\\')) return first;
        var whole = new StringBuilder();
        for (var next = first; next is not null; next = NextLine())
        {
            if (!next.EndsWith('\\')) return whole.Append(next).ToString();
            whole.Append(next, 0, next.Length - 1);
        }

        return whole.ToString();
    }

    private Directive? Split(string whole, SourceLocation location)
    {
        var arguments = new List<string>();
        var at = 0;
        while (true)
        {
            while (at < whole.Length && Blank.Is(whole[at])) at++;
            if (at == whole.Length) break;
            if (whole[at] == '`' && at == whole.Length - 1)
            {
                if (Block() is not { } block)
                {
                    errors.Add(new RuleError(location, "the block that begins with ` has no end: close it with a line that is ` alone"));
                    return null;
                }

                arguments.Add(block);
                break;
            }

            if (Word(whole, ref at) is not { } word)
            {
                errors.Add(new RuleError(location, $"a quote that opens in '{Shorten(whole[at..])}' is never closed"));
                return null;
            }

            arguments.Add(word);
        }

        var name = arguments[0];
        arguments.RemoveAt(0);
        return new Directive(name, arguments, location);
    }

    private static string? Word(string whole, ref int at)
    {
        var quote = whole[at] is '"' or '\'' ? whole[at] : '\0';
        var word = new StringBuilder();
        var next = quote == '\0' ? at : at + 1;
        for (; next < whole.Length; next++)
        {
            var one = whole[next];
            if (quote == '\0' ? Blank.Is(one) : one == quote) break;
            if (one == '\\' && next + 1 < whole.Length && (whole[next + 1] == '\\' || (quote != '\0' && whole[next + 1] == quote))) one = whole[++next];
            word.Append(one);
        }

        if (quote != '\0')
        {
            if (next == whole.Length) return null;
            next++;
        }

        at = next;
        return word.ToString();
    }

    private string? Block()
    {
        var block = new StringBuilder();
        while (NextLine() is { } next)
        {
            if (next.Trim(Blank.All) == "`") return block.ToString();
            block.Append(next).Append('\n');
        }

        return null;
    }

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
