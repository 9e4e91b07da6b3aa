using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary>
/// The transformations by name, in any case: those of the reference manuals of ModSecurity 2 and 3 and of Coraza, with both spellings of "normalize".
/// <c>none</c> is no transformation: it clears a rule's list, which the rule parser does.
/// One table serves a rule set; it is immutable, and its instances may be compared by reference.
/// </summary>
internal sealed class TransformationTable
{
    private readonly Dictionary<string, Transformation> byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Transformation> all = [];

    /// <param name="map">What <c>urlDecodeUni</c> makes of <c>%uHHHH</c>: that of SecUnicodeMapFile, or <see cref="UnicodeMap.Default"/>.</param>
    public TransformationTable(UnicodeMap map)
    {
        Add(new Base64Decode());
        Add(new Base64DecodeExt());
        Add(new Base64Encode());
        Add(new CmdLine());
        Add(new CompressWhitespace());
        Add(new CssDecode());
        Add(new EscapeSeqDecode());
        Add(new HexDecode());
        Add(new HexEncode());
        Add(new HtmlEntityDecode());
        Add(new JsDecode());
        Add(new Length());
        Add(new Lowercase());
        Add(MapBytes.Of("uppercase", static value => value is >= (byte)'a' and <= (byte)'z' ? (byte)(value & 0xdf) : value));
        Add(Digest.Md5);
        Add(Digest.Sha1);
        Add(new NormalizePath("normalizePath", isWindows: false), "normalisePath");
        Add(new NormalizePath("normalizePathWin", isWindows: true), "normalisePathWin");
        Add(MapBytes.Of("parityEven7bit", static value => MapBytes.WithParity(value, isEven: true)));
        Add(MapBytes.Of("parityOdd7bit", static value => MapBytes.WithParity(value, isEven: false)));
        Add(MapBytes.Of("parityZero7bit", static value => (byte)(value & 0x7f)));
        Add(new RemoveBytes("removeNulls", ByteSet.Of(0)));
        Add(new RemoveBytes("removeWhitespace", AsciiClass.Space | ByteSet.Of(RemoveBytes.NoBreakSpace)));
        Add(new RemoveComments());
        Add(new RemoveCommentsChar());
        Add(new ReplaceComments());
        Add(MapBytes.Of("replaceNulls", static value => value == 0 ? (byte)' ' : value));
        Add(new SqlHexDecode());
        Add(new Trim("trim", left: true, right: true));
        Add(new Trim("trimLeft", left: true, right: false));
        Add(new Trim("trimRight", left: false, right: true));
        Add(new UrlDecode());
        Add(new UrlDecodeUni(map));
        Add(new UrlEncode());
        Add(new Utf8ToUnicode());
    }

    /// <summary>The table with the built-in map of code page 20127.</summary>
    public static TransformationTable Default { get; } = new(UnicodeMap.Default);

    /// <summary>Every transformation once.</summary>
    public IReadOnlyList<Transformation> All => all;

    /// <summary>The transformation of this name, or null.</summary>
    public Transformation? Find(string name) => byName.GetValueOrDefault(name);

    private void Add(Transformation transformation, string? alias = null)
    {
        all.Add(transformation);
        byName.Add(transformation.Name, transformation);
        if (alias is not null) byName.Add(alias, transformation);
    }
}
