using System.Text;

namespace Portcullis.Waf.SecLang;

/// <summary>Reads a rule's list of actions: <c>id:1,phase:2,msg:'a, b',setvar:'tx.score=+5',deny</c>.</summary>
internal static class ActionParser
{
    /// <summary>The actions in order, or null with what is wrong.</summary>
    public static List<ActionSyntax>? Parse(string text, out string? error)
    {
        var actions = new List<ActionSyntax>();
        error = null;
        var at = 0;
        while (true)
        {
            while (at < text.Length && (Blank.Is(text[at]) || text[at] == ',')) at++;
            if (at == text.Length) return actions;

            var begin = at;
            while (at < text.Length && text[at] is not (':' or ',' or '=')) at++;
            var name = text[begin..at].Trim(Blank.All);
            if (name.Length == 0)
            {
                error = $"an action's name is missing at '{text[begin..]}'";
                return null;
            }

            string? value = null;
            if (at < text.Length && text[at] != ',')
            {
                at++;
                value = Value(text, ref at);
                if (value is null)
                {
                    error = $"the quoted value of the action '{name}' is never closed";
                    return null;
                }
            }

            actions.Add(new ActionSyntax(name, value));
        }
    }

    private static string? Value(string text, ref int at)
    {
        while (at < text.Length && Blank.Is(text[at])) at++;
        if (at == text.Length) return "";
        if (text[at] != '\'')
        {
            var begin = at;
            while (at < text.Length && text[at] != ',') at++;
            return text[begin..at].TrimEnd(Blank.All);
        }

        var value = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] == '\'')
            {
                at++;
                return value.ToString();
            }

            if (text[at] == '\\' && at + 1 < text.Length && text[at + 1] == '\'') at++;
            value.Append(text[at]);
        }

        return null;
    }
}
