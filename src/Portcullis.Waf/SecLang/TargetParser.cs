namespace Portcullis.Waf.SecLang;

/// <summary>Reads a list of variables: <c>ARGS|!ARGS:id|&amp;REQUEST_HEADERS:/^X-/|XML:/*</c>.</summary>
internal static class TargetParser
{
    /// <summary>The targets, or null with what is wrong.</summary>
    public static List<TargetSyntax>? Parse(string text, out string? error)
    {
        var targets = new List<TargetSyntax>();
        var at = 0;
        error = null;
        while (true)
        {
            Skip(text, ref at);
            var isExclusion = Take(text, ref at, '!');
            var isCount = !isExclusion && Take(text, ref at, '&');
            var begin = at;
            while (at < text.Length && text[at] is not (':' or '|' or ',')) at++;
            var name = text[begin..at].Trim(Blank.All);
            if (name.Length == 0)
            {
                error = $"a variable's name is missing in '{text}'";
                return null;
            }

            string? selector = null;
            var isRegex = false;
            if (Take(text, ref at, ':') && (selector = Selector(text, name, ref at, out isRegex)) is null)
            {
                error = $"the selector of '{name}' in '{text}' has no end";
                return null;
            }

            targets.Add(new TargetSyntax(name, selector, isRegex, isCount, isExclusion));
            Skip(text, ref at);
            if (at == text.Length) return targets;
            if (text[at++] is not ('|' or ','))
            {
                error = $"expected | between variables in '{text}', at '{text[(at - 1)..]}'";
                return null;
            }
        }
    }

    private static string? Selector(string text, string variable, ref int at, out bool isRegex)
    {
        isRegex = false;
        // XML's selector is an XPath expression: its slashes delimit nothing.
        var isPath = variable.Equals("XML", StringComparison.OrdinalIgnoreCase);
        if (Take(text, ref at, '\''))
        {
            var end = End(text, at, '\'');
            if (end < 0) return null;
            var quoted = text[at..end].Replace("\\'", "'", StringComparison.Ordinal);
            at = end + 1;
            isRegex = !isPath && quoted is ['/', .., '/'];
            return isRegex ? quoted[1..^1] : quoted;
        }

        if (at < text.Length && text[at] == '/' && !isPath)
        {
            var end = End(text, at + 1, '/');
            if (end < 0) return null;
            isRegex = true;
            var regex = text[(at + 1)..end].Replace("\\/", "/", StringComparison.Ordinal);
            at = end + 1;
            return regex;
        }

        var begin = at;
        while (at < text.Length && text[at] is not ('|' or ',')) at++;
        return text[begin..at].Trim(Blank.All);
    }

    private static int End(string text, int from, char delimiter)
    {
        for (var at = from; at < text.Length; at++)
        {
            if (text[at] == '\\') at++;
            else if (text[at] == delimiter) return at;
        }

        return -1;
    }

    private static bool Take(string text, ref int at, char wanted)
    {
        if (at >= text.Length || text[at] != wanted) return false;
        at++;
        return true;
    }

    private static void Skip(string text, ref int at)
    {
        while (at < text.Length && Blank.Is(text[at])) at++;
    }
}
