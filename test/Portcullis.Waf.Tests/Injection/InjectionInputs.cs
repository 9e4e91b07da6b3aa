using System.Net;
using System.Text;

namespace Portcullis.Waf.Tests.Injection;

/// <summary>Values to compare detectors on: the published cases, benign texts, every string of the CRS's own tests, and mutations of all these.</summary>
internal sealed class InjectionInputs
{
    /// <summary>What mutations put in: words of SQL and HTML with what makes them special, and every byte that a state depends on.</summary>
    private static readonly byte[][] Dictionary =
    [
        .. new[]
        {
            "'", "\"", "`", "--", "-- ", "#", "/*", "*/", "/*!", ";", ",", "(", ")", "{", "}", "[", "]", "@", "@@", "$", "$$", "$a$", "\\", "\\N", ".", "::", ":", ":=", "<=>", "!=", "||", "&&",
            "|", "&", "+", "-", "*", "/", "%", "^", "~", "!", "!!", "=", "<", ">", "?", " ", "\t", "\n", "\v", "\0", "\x7F", "1", "0", "1.5", "1e5", "1e", "0x1F", "0x", "0b1", "0b", "12d", "3f", ".1", "1.",
            " union ", " union all ", " select ", " select distinct ", " or ", " and ", " xor ", " not ", " like ", " not like ", " in ", " not in ", " is null ", " between ", " as ", " from ", " where ",
            " group by ", " order by ", " limit ", " having ", "insert into ", " into outfile ", " into dumpfile ", "sp_password", " if ", "if(", "user", "user(", "database(", "current_user", "sleep(",
            "benchmark(", "ascii(", "char(", "concat(", " collate ", "latin1_general_cs", "collate utf8_bin", "binary ", "_utf8 ", "int", "varchar", "case ", " when ", " then ", " end ", "begin ", "declare ",
            "waitfor delay ", "exec ", "execute as login ", "load data ", "create or replace ", "begin try declare ", "for update skip locked ", "natural left outer join ", "u&'", "n'", "nq'(", "q'[", "]'",
            "x'1f'", "b'01'", "e'", "N'", "true", "select`", "select.", "mod", "null", "drop table ", "delete ", "update ", "set ", "procedure analyse ", "is not distinct from ", "at time zone ", "group", "by",
            "<", "</", "<!", "<?", "<%", "%>", "<!--", "-->", "-!>", "<![CDATA[", "]]>", "<!doctype", ">", "/>", "/", "=", "<script", "<ScRiPt>", "</script>", "<svg", "<svg/onload=", "<img src=", "<a href=", "<style",
            "<iframe", "<xml", "<xss", "<xsl:", "<base", "<meta", "<object", "<b>", "<i x=y>", "</>", "onload=", "onerror=", "onclick=", "onmouseover=", "onend=", "oncut =", "onfoo=", "on=", "onx=a", "style=",
            "filter=", "src=", "href=", "to=", "by=", "from=", "action=", "formaction=", "xlink:href=", "xmlns=", "xmlns:a=", "attributename=", "datasrc=", "dataformatas=", "values=", "handler=", "poster=",
            "javascript:", "java\nscript:", "vbscript:", "view-source:", "data:", "jAvA", "&#106;", "&#x6a;", "&#x0006A", "&#0;", "&#10;", "&#1114112;", "&#x144;ata", "&#", "&#x", "[if", "xml", "import", "entity", "`<!`",
            "alert(1)", "\xA0", "\xFF", "\x80", "\xC3\xA9", "\x01",
        }.Select(Encoding.Latin1.GetBytes),
    ];

    /// <summary>Ways to write a token of each type.</summary>
    private static readonly Dictionary<char, string[]> Spellings = new()
    {
        ['k'] = ["as", "is null", "in", "not in", "into outfile", "between", "null"],
        ['U'] = ["union", "union all", "except", "intersect", "minus"],
        ['B'] = ["group by", "having", "limit", "order/**/by"],
        ['E'] = ["select", "case", "create", "select distinct", "update", "insert"],
        ['t'] = ["int", "varchar", "binary", "_utf8"],
        ['T'] = ["begin", "exec", "drop", "delete", "if"],
        ['f'] = ["sleep", "concat", "user", "`ascii`", "database", "password", "if", "like"],
        ['n'] = ["foo", "`a`", "[b c]", "a.b", "user", "modify_x"],
        ['1'] = ["1", "0x1F", "1.5e3", "\\N", "true", "x'1f'", "2d", "$1,000"],
        ['v'] = ["@v", "@@version", "@`x`", "current_user", "null"],
        ['s'] = ["'s'", "\"t\"", "'", "\"", "n'u'", "q'(v)'", "$$w$$", "''"],
        ['o'] = ["=", "+", "-", "||", "<=>", "like", "not like", "::", "!=", "*", "is not", "%", "not"],
        ['&'] = ["and", "or", "&&", "xor"],
        ['c'] = ["-- x", "--", "--x", "/**/", "/* */", "#", "#x", "-- sp_password"],
        ['A'] = ["collate"],
        ['X'] = ["/*!x*/", "{`` "],
    };

    /// <summary>The published fingerprints.</summary>
    private readonly string[] fingerprints = [.. File.ReadLines(Requirement.Data("libinjection", "tables", "fingerprints.txt")).Where(line => line.Length > 0)];
    private readonly Random random;
    private readonly List<byte[]> known;

    private InjectionInputs(Random random, List<byte[]> known) => (this.random, this.known) = (random, known);

    /// <summary>Every value there is, each once.</summary>
    public IReadOnlyList<byte[]> Known => known;

    public static InjectionInputs Require(int seed)
    {
        var texts = new HashSet<string>(StringComparer.Ordinal);
        foreach (var one in PublishedCase.All())
            _ = texts.Add(Encoding.Latin1.GetString(one.Input));
        foreach (var line in File.ReadLines(Requirement.Data("libinjection", "benign", "false_positives.txt"), Encoding.Latin1))
            _ = texts.Add(line);
        foreach (var file in Directory.EnumerateFiles(Requirement.Data("crs-3.3.4-tests"), "*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            foreach (var line in File.ReadLines(file, Encoding.Latin1))
                AddParts(texts, line.Trim());
        }

        _ = texts.Remove("");
        return new InjectionInputs(new Random(seed), [.. texts.Order(StringComparer.Ordinal).Select(Encoding.Latin1.GetBytes)]);
    }

    /// <summary>A new value: a known one, or a few words, with some changes.</summary>
    public byte[] Next()
    {
        var input = new List<byte>(random.Next(4) switch { 0 => Soup(), 1 => Spelled(), _ => Known[random.Next(Known.Count)] });
        if (input.Count > 300)
            input.RemoveRange(300, input.Count - 300);
        for (var changes = random.Next(8); changes > 0; changes--)
            Change(input);
        return [.. input];
    }

    /// <summary>A value that has a published fingerprint, or nearly.</summary>
    private byte[] Spelled()
    {
        var spelled = new StringBuilder();
        foreach (var type in fingerprints[random.Next(fingerprints.Length)])
        {
            _ = spelled.Append(Spellings.TryGetValue(type, out var ways) ? ways[random.Next(ways.Length)] : type.ToString());
            if (random.Next(4) > 0)
                _ = spelled.Append(' ');
        }

        return Encoding.Latin1.GetBytes(spelled.ToString());
    }

    private byte[] Soup() => [.. Enumerable.Range(0, random.Next(1, 14)).SelectMany(_ => Word())];

    private byte[] Word() => Dictionary[random.Next(Dictionary.Length)];

    private void Change(List<byte> input)
    {
        var at = random.Next(input.Count + 1);
        switch (random.Next(10))
        {
            case 0 when input.Count > 0:
                input[Math.Min(at, input.Count - 1)] = (byte)random.Next(256);
                break;
            case 1:
                input.Insert(at, (byte)random.Next(256));
                break;
            case 2:
                input.RemoveRange(at, Math.Min(random.Next(8), input.Count - at));
                break;
            case 3:
                input.InsertRange(at, input.GetRange(at, Math.Min(random.Next(32), input.Count - at)));
                break;
            case 4:
                var other = Known[random.Next(Known.Count)];
                var start = random.Next(other.Length);
                input.RemoveRange(at, input.Count - at);
                input.AddRange(other.AsSpan(start, Math.Min(other.Length - start, 200)));
                break;
            case 5 when input.Count > 0:
                input[Math.Min(at, input.Count - 1)] ^= 0x20;
                break;
            default:
                input.InsertRange(at, Word());
                break;
        }
    }

    /// <summary>A line of YAML: as it is, its value, and the names and values of a query in it, as written and decoded.</summary>
    private static void AddParts(HashSet<string> texts, string line)
    {
        var colon = line.IndexOf(": ", StringComparison.Ordinal);
        foreach (var text in (string[])[line, line[(colon < 0 ? 0 : colon + 2)..].Trim('"', '\'')])
        {
            foreach (var part in (string[])[text, .. text.Split('?', '&', ';'), .. text.Split('?', '&').SelectMany(pair => pair.Split('=', 2))])
            {
                _ = texts.Add(part);
                _ = texts.Add(Encoding.Latin1.GetString(WebUtility.UrlDecodeToBytes(Encoding.Latin1.GetBytes(part), 0, part.Length)));
            }
        }
    }
}
