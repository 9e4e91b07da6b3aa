using System.Text;
using Portcullis.Waf.Bytes;
using Portcullis.Waf.Injection;

namespace Portcullis.Fuzz.Targets;

/// <summary>
/// The detectors of SQL injection and cross-site scripting: input is a value. Tokens go forward and stay inside the value, an injection has a
/// fingerprint of the table and is not ruled out by its bytes, and what stands around the value in memory changes nothing.
/// </summary>
internal sealed class WafInjectionTarget : IFuzzTarget
{
    private readonly byte[] fingerprint = new byte[SqlInjection.MaximumFingerprintLength];

    public string Name => "waf-injection";

    public IReadOnlyList<string> Dictionary { get; } =
    [
        "'", "\"", "`", "--", "-- ", "#", "/*", "*/", "/*!", ";", "(", ")", "{", "}", "[", "]", "@@", "$$", "$a$", "\\", "\\N", "::", "<=>", "||", "&&", "!=", "=", "\0", "\n", "\xA0", "\xFF", "1", "0x1F", "0b1",
        "1e5", "1.", ".1", " union ", " union all ", " select ", " or ", " and ", " not ", " like ", " in ", " order by ", " into outfile ", "sp_password", "if(", "user(", "sleep(", "collate a_b", "q'[", "]'",
        "u&'", "n'", "x'1f'", "b'01'", "e'", "select`", "<", "</", "<!", "<?", "<%", "%>", "<!--", "-->", "-!>", "<![CDATA[", "]]>", "<!doctype", ">", "/>", "</>", "<script", "<svg", "<xml", "onload=", "onend=",
        "style=", "href=", "xlink:href=", "attributename=", "javascript:", "vbscript:", "view-source:", "data:", "&#106;", "&#x6a;", "&#0;", "[if", "import", "entity",
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        CheckVerdicts(input);
        foreach (var quote in "\0'\""u8)
        {
            CheckSqlTokens(input, quote, SqlDialect.Ansi);
            CheckSqlTokens(input, quote, SqlDialect.MySql);
        }

        foreach (var context in Enum.GetValues<HtmlContext>())
            CheckHtmlTokens(input, context);
    }

    private void CheckVerdicts(ReadOnlySpan<byte> input)
    {
        var present = ByteSet.Of(input);
        var isSql = SqlInjection.IsInjection(input, fingerprint, out var length);
        BrokenInvariantException.Unless(isSql == (length > 0), "an injection, and nothing else, has a fingerprint");
        BrokenInvariantException.Unless(!isSql || SqlInjection.CouldBe(present, input.Length), "no SQL injection is ruled out by its bytes");
        ulong packed = 0;
        for (var i = 0; i < length; i++)
            packed = SqlFingerprints.Append(packed, i, (SqlTokenType)fingerprint[i]);
        BrokenInvariantException.Unless(!isSql || SqlFingerprints.Contains(packed), "a fingerprint is one of the table");

        var isScript = CrossSiteScripting.IsInjection(input);
        BrokenInvariantException.Unless(!isScript || CrossSiteScripting.CouldBe(present, input.Length), "no script is ruled out by its bytes");

        foreach (var surrounding in (string[])["load--abc1'", "  >=\" /*"])
        {
            byte[] inside = [.. Encoding.ASCII.GetBytes(surrounding), .. input, .. Encoding.ASCII.GetBytes(surrounding)];
            var same = inside.AsSpan(surrounding.Length, input.Length);
            BrokenInvariantException.Unless(SqlInjection.IsInjection(same, fingerprint, out _) == isSql && CrossSiteScripting.IsInjection(same) == isScript, "a verdict depends on the value alone");
        }
    }

    private static void CheckSqlTokens(ReadOnlySpan<byte> input, byte quote, SqlDialect dialect)
    {
        if (input.IsEmpty)
            return;
        var tokenizer = new SqlTokenizer(input, quote, dialect);
        var from = 0;
        while (tokenizer.Next(out var token))
        {
            BrokenInvariantException.Unless(token.Start >= from && token.Start + token.Length <= input.Length, "tokens of SQL go forward inside the value");
            BrokenInvariantException.Unless(tokenizer.Count <= input.Length + 1, "there are no more tokens than bytes");
            from = token.Start + token.Length;
        }
    }

    private static void CheckHtmlTokens(ReadOnlySpan<byte> input, HtmlContext context)
    {
        var tokenizer = new HtmlTokenizer(input, context);
        var (count, length) = (0, 0);
        while (tokenizer.Next())
        {
            length += tokenizer.Text.Length;
            BrokenInvariantException.Unless(++count <= (2 * input.Length) + 1 && length <= input.Length, "tokens of HTML go forward inside the value");
        }
    }
}
