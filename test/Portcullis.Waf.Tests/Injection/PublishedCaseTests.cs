using System.Text;
using Portcullis.Waf.Injection;

namespace Portcullis.Waf.Tests.Injection;

/// <summary>The tests that libinjection publishes: tokens, folding, fingerprints, tokens of HTML.</summary>
public sealed class PublishedCaseTests
{
    [Theory]
    [InlineData("tokens", 249)]
    [InlineData("folding", 118)]
    [InlineData("sqli", 50)]
    [InlineData("html5", 63)]
    public void Published_cases_come_out_as_published(string kind, int count)
    {
        var cases = PublishedCase.All().Where(one => one.Kind == kind).ToList();
        Assert.Equal(count, cases.Count);
        Assert.All(cases, one => Assert.Equal(one.Expected, Run(one).TrimEnd(' ', '\n', '\t', '\r')));
    }

    private static string Run(PublishedCase one) => one.Kind switch
    {
        "tokens" => Tokens(one.Input),
        "folding" => Folded(one.Input),
        "sqli" => Fingerprint(one.Input),
        _ => Html(one.Input),
    };

    private static string Tokens(byte[] input)
    {
        var shown = new StringBuilder();
        var tokenizer = new SqlTokenizer(input, 0, SqlDialect.Ansi);
        while (tokenizer.Next(out var token))
            Show(shown, input, token);
        return shown.ToString();
    }

    private static string Folded(byte[] input)
    {
        var shown = new StringBuilder();
        Span<SqlToken> window = stackalloc SqlToken[SqlTokenFolder.WindowSize];
        var folder = new SqlTokenFolder(new SqlTokenizer(input, 0, SqlDialect.Ansi), window);
        foreach (var token in window[..folder.Fold()])
            Show(shown, input, token);
        return shown.ToString();
    }

    private static string Fingerprint(byte[] input)
    {
        Span<byte> fingerprint = stackalloc byte[8];
        Assert.Equal(SqlInjection.IsInjection(input, fingerprint, out var length), length > 0);
        return Encoding.ASCII.GetString(fingerprint[..length]);
    }

    private static string Html(byte[] input)
    {
        var shown = new StringBuilder();
        var tokenizer = new HtmlTokenizer(input, HtmlContext.Data);
        while (tokenizer.Next())
            _ = shown.Append(NameOf(tokenizer.Type)).Append(',').Append(tokenizer.Text.Length).Append(',').Append(Encoding.Latin1.GetString(tokenizer.Text)).Append('\n');
        return shown.ToString();
    }

    /// <summary>The format of the cases: texts in their quotes, variables with their signs.</summary>
    private static void Show(StringBuilder shown, byte[] input, in SqlToken token)
    {
        _ = shown.Append((char)token.Type).Append(' ');
        var text = Encoding.Latin1.GetString(input, token.Start, token.Length);
        if (token.Word != 0 && SqlWords.Get(token.Word).Text.Contains((byte)' '))
            text = Phrase(input, token);
        if (token.Type == SqlTokenType.Variable)
            text = Signs(input, token) + Quoted(token, text);
        else if (token.Type == SqlTokenType.Text)
            text = Quoted(token, text);
        _ = shown.Append(text).Append('\n');
    }

    private static string Quoted(in SqlToken token, string text)
        => (token.Opening == 0 ? "" : ((char)token.Opening).ToString()) + text + (token.Closing == 0 ? "" : ((char)token.Closing).ToString());

    private static string Signs(byte[] input, in SqlToken token)
    {
        var end = token.Start - (token.Opening == 0 ? 0 : 1);
        if (end == 0 || input[end - 1] != '@')
            return "";
        return end > 1 && input[end - 2] == '@' ? "@@" : "@";
    }

    /// <summary>A phrase as the value has it: its words without the white space and comments between.</summary>
    private static string Phrase(byte[] input, in SqlToken token)
    {
        var tokenizer = new SqlTokenizer(input.AsSpan(token.Start), 0, SqlDialect.Ansi);
        var words = new List<string>();
        while (string.Join(' ', words).Length < token.Length && tokenizer.Next(out var part))
        {
            if (part.Type != SqlTokenType.Comment)
                words.Add(Encoding.Latin1.GetString(input, token.Start + part.Start, part.Length));
        }

        return string.Join(' ', words);
    }

    private static string NameOf(HtmlTokenType type) => type switch
    {
        HtmlTokenType.Text => "DATA_TEXT",
        HtmlTokenType.TagOpen => "TAG_NAME_OPEN",
        HtmlTokenType.TagEnd => "TAG_NAME_CLOSE",
        HtmlTokenType.TagSelfClosing => "TAG_NAME_SELFCLOSE",
        HtmlTokenType.TagClose => "TAG_CLOSE",
        HtmlTokenType.AttributeName => "ATTR_NAME",
        HtmlTokenType.AttributeValue => "ATTR_VALUE",
        HtmlTokenType.Comment => "TAG_COMMENT",
        _ => "DOCTYPE",
    };
}
