using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary>
/// <c>utf8toUnicode</c>: UTF-8 sequences of two to four bytes become <c>%uHHHH</c>, in at least four small digits. As in ModSecurity 2: the form
/// is decoded, not judged: of an overlong sequence or a surrogate the first byte is written behind it; the first byte of a sequence that is cut short goes,
/// unless it is F5 or above; single continuation bytes stay; NULs go.
/// </summary>
internal sealed class Utf8ToUnicode() : Transformation("utf8toUnicode", ByteSet.Range(0x80, 0xff) | ByteSet.Of(0))
{
    public override int MaximumLength(int length) => checked(length * 4);

    protected override int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination)
    {
        var length = from;
        for (var i = from; i < value.Length;)
        {
            var lead = value[i];
            var size = lead switch { >= 0xf8 or < 0xc0 => 1, >= 0xf0 => 4, >= 0xe0 => 3, _ => 2 };
            if (size == 1)
            {
                if (lead != 0) destination[length++] = lead;
                i++;
                continue;
            }

            if (lead is >= 0xf5) destination[length++] = lead;
            var code = Decode(value[i..], size);
            if (code < 0)
            {
                i++;
                continue;
            }

            length += Write(code, destination[length..]);
            if (code is >= 0xd800 and <= 0xdfff) destination[length++] = lead;
            if (code < Smallest(size)) destination[length++] = lead;
            i += size;
        }

        return length;
    }

    private static int Smallest(int size) => size switch { 2 => 0x80, 3 => 0x800, _ => 0x10000 };

    /// <summary>The code of a sequence, or -1 where it is cut short.</summary>
    private static int Decode(ReadOnlySpan<byte> value, int size)
    {
        if (value.Length < size) return -1;
        var code = value[0] & (0x7f >> size);
        for (var i = 1; i < size; i++)
        {
            if ((value[i] & 0xc0) != 0x80) return -1;
            code = (code << 6) | (value[i] & 0x3f);
        }

        return code;
    }

    private static int Write(int code, Span<byte> destination)
    {
        var digits = code > 0xfffff ? 6 : code > 0xffff ? 5 : 4;
        destination[0] = (byte)'%';
        destination[1] = (byte)'u';
        for (var i = digits + 1; i > 1; i--, code >>= 4)
            destination[i] = Hex.LowerDigits[code & 15];
        return digits + 2;
    }
}
