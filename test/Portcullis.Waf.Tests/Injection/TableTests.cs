using System.Text;
using System.Text.Json;
using Portcullis.Waf.Injection;

namespace Portcullis.Waf.Tests.Injection;

/// <summary>The tables in the assembly are those that libinjection publishes, all of them and nothing else.</summary>
public sealed class TableTests
{
    private readonly JsonElement tables = JsonDocument.Parse(File.ReadAllBytes(Requirement.Data("libinjection", "tables", "sqlparse_data.json"))).RootElement;

    [Fact]
    public void Words_have_the_published_types()
    {
        var words = tables.GetProperty("keywords").EnumerateObject().ToDictionary(word => word.Name, word => word.Value.GetString()![0], StringComparer.Ordinal);
        Assert.Equal(985, words.Count);
        Assert.All(words, word => Assert.Equal(word.Value, (char)SqlWords.Get(SqlWords.Find(Encoding.ASCII.GetBytes(word.Key.ToLowerInvariant()))).Type));

        // Parts of phrases are there as well, without a type.
        for (var number = 1; number < SqlWords.Count; number++)
        {
            var word = SqlWords.Get(number);
            Assert.True(word.Type == SqlTokenType.None || words[Encoding.ASCII.GetString(word.Text)] == (char)word.Type);
            Assert.Equal(number, SqlWords.Find(word.Text));
        }
    }

    [Fact]
    public void Words_have_the_types_of_the_reference()
    {
        _ = LibInjection.Require();
        for (var number = 1; number < SqlWords.Count; number++)
            Assert.Equal((byte)SqlWords.Get(number).Type, LibInjection.TypeOf(SqlWords.Get(number).Text));
    }

    [Fact]
    public void Fingerprints_are_the_published_ones()
    {
        var fingerprints = File.ReadAllLines(Requirement.Data("libinjection", "tables", "fingerprints.txt")).Where(line => line.Length > 0).ToList();
        Assert.Equal(8367, fingerprints.Count);
        var known = fingerprints.Select(one => one.ToUpperInvariant()).ToHashSet(StringComparer.Ordinal);
        Assert.All(fingerprints, one => Assert.True(SqlFingerprints.Contains(Pack(one)), one));

        var random = new Random(1);
        for (var i = 0; i < 200_000; i++)
        {
            var tried = fingerprints[random.Next(fingerprints.Count)].ToCharArray();
            tried[random.Next(tried.Length)] = "kUBEtfn1vso&cA(){}.,:;T?X\\"[random.Next(26)];
            Assert.Equal(known.Contains(new string(tried).ToUpperInvariant()), SqlFingerprints.Contains(Pack(tried)));
        }
    }

    [Fact]
    public void Bytes_have_the_published_kinds()
    {
        var kinds = tables.GetProperty("charmap").EnumerateArray().Select(kind => kind.GetString()!).ToList();
        Assert.Equal(256, kinds.Count);
        for (var one = 0; one < 256; one++)
            Assert.Equal(KindOf(kinds[one]), SqlBytes.Kinds[one]);
    }

    [Fact]
    public void No_event_begins_with_another_and_they_are_in_order()
    {
        var events = Encoding.ASCII.GetString(HtmlNameData.Events).Split([' ', '\n']);
        Assert.All(events.Zip(events.Skip(1)), pair => Assert.True(
            string.CompareOrdinal(pair.First, pair.Second) < 0 && !pair.Second.StartsWith(pair.First, StringComparison.Ordinal), pair.Second));
        Assert.All(events, name => Assert.Equal(HtmlAttributeKind.Forbidden, HtmlNames.KindOfAttribute(Encoding.ASCII.GetBytes("on" + name.ToLowerInvariant() + "x"))));
    }

    private static ulong Pack(ReadOnlySpan<char> fingerprint)
    {
        ulong packed = 0;
        for (var i = 0; i < fingerprint.Length; i++)
            packed = SqlFingerprints.Append(packed, i, (SqlTokenType)fingerprint[i]);
        return packed;
    }

    private static SqlByteKind KindOf(string published) => published switch
    {
        "CHAR_WORD" => SqlByteKind.Word,
        "CHAR_WHITE" => SqlByteKind.White,
        "CHAR_OP1" or "CHAR_UNARY" => SqlByteKind.Operator,
        "CHAR_OP2" or "CHAR_BANG" => SqlByteKind.LongOperator,
        "CHAR_BACK" => SqlByteKind.Backslash,
        "CHAR_DASH" => SqlByteKind.Dash,
        "CHAR_STR" => SqlByteKind.Quote,
        "CHAR_HASH" => SqlByteKind.Hash,
        "CHAR_NUM" => SqlByteKind.Number,
        "CHAR_SLASH" => SqlByteKind.Slash,
        "CHAR_SEMICOLON" or "CHAR_COMMA" or "CHAR_LEFTPARENS" or "CHAR_RIGHTPARENS" or "CHAR_LEFTBRACE" or "CHAR_RIGHTBRACE" => SqlByteKind.Punctuation,
        "CHAR_VAR" => SqlByteKind.Variable,
        "CHAR_OTHER" => SqlByteKind.Other,
        "CHAR_MONEY" => SqlByteKind.Money,
        "CHAR_TICK" => SqlByteKind.Backquote,
        "CHAR_USTRING" => SqlByteKind.UnicodeText,
        "CHAR_QSTRING" => SqlByteKind.OracleText,
        "CHAR_NQSTRING" => SqlByteKind.NationalText,
        "CHAR_XSTRING" => SqlByteKind.HexLiteral,
        "CHAR_BSTRING" => SqlByteKind.BinaryLiteral,
        "CHAR_ESTRING" => SqlByteKind.EscapedText,
        "CHAR_BWORD" => SqlByteKind.Bracket,
        _ => throw new InvalidOperationException(published),
    };
}
