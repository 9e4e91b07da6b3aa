using System.Buffers;
using System.Text;
using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Bodies;

/// <summary>The state of one reading of <see cref="JsonReader"/>. Containers are kept in a list, so the client's nesting costs no stack.</summary>
internal ref struct JsonScanner(ReadOnlySpan<byte> text, JsonOptions options, int maximumArguments, IBodySink sink)
{
    private const string EarlyEnd = "JSON: unexpected end";
    private const string LongNames = "JSON: names too long";

    // What ends a run of plain characters in a string: RFC 8259, section 7.
    private static readonly SearchValues<byte> NotPlain = SearchValues.Create(
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, (byte)'"', (byte)'\\']);

    private readonly ReadOnlySpan<byte> text = text;
    private JsonPath path = new(options.Names, text.Length);
    private PooledBytes scratch;

    /// <summary>Where the scanner stands.</summary>
    public int At { get; private set; }

    public int Arguments { get; private set; }

    /// <summary>Reads the whole text. Null, or what is wrong where the scanner stands.</summary>
    public string? Run()
    {
        while (true)
        {
            // 1. A value, or the start of a container and the name of its first value.
            SkipSpace();
            if (At == text.Length) return EarlyEnd;
            var one = text[At];
            var isContainer = one is (byte)'{' or (byte)'[';
            var error = isContainer ? Open(one == '[') : ReadScalar(one);
            if (error is not null) return error;
            if (isContainer && !IsAtEndOf(one))
            {
                error = NameNext();
                if (error is not null) return error;
                continue;
            }

            // 2. What stands behind it: ends of containers, then a comma and the name of the next value, or the end of the text.
            error = Follow(out var isEnd);
            if (error is not null || isEnd) return error;
        }
    }

    public void Dispose()
    {
        path.Dispose();
        scratch.Dispose();
    }

    private string? Open(bool isArray)
    {
        if (path.Depth == options.MaximumDepth) return "JSON depth limit exceeded";
        path.Open(isArray);
        At++;
        return null;
    }

    /// <summary>Whether a container that has just been opened is empty.</summary>
    private bool IsAtEndOf(byte start)
    {
        SkipSpace();
        return At < text.Length && text[At] == start + 2; // ']' and '}' are two behind their starts.
    }

    /// <summary>Closes what ends here, and goes on to the next value.</summary>
    private string? Follow(out bool isEnd)
    {
        isEnd = false;
        while (path.Depth > 0)
        {
            SkipSpace();
            if (At == text.Length) return EarlyEnd;
            var one = text[At];
            if (one == ',')
            {
                At++;
                SkipSpace();
                return NameNext();
            }

            if (one != (path.IsInArray ? (byte)']' : (byte)'}')) return "JSON: comma or end expected";
            path.Close();
            At++;
        }

        SkipSpace();
        isEnd = At == text.Length;
        return isEnd ? null : "JSON: trailing data";
    }

    private string? NameNext()
    {
        if (path.IsInArray) return path.TryElement() ? null : LongNames;
        if (At == text.Length) return EarlyEnd;
        if (text[At] != '"') return "JSON: key expected";
        var error = ReadString(out var key);
        if (error is not null) return error;
        if (!path.TryKey(key)) return LongNames;
        SkipSpace();
        if (At == text.Length) return EarlyEnd;
        if (text[At] != ':') return "JSON: colon expected";
        At++;
        return null;
    }

    private string? ReadScalar(byte one)
    {
        if (Arguments >= maximumArguments) return BodyResult.ArgumentLimit;
        var start = At;
        ReadOnlySpan<byte> value = default;
        string? error;
        switch (one)
        {
            case (byte)'"':
                error = ReadString(out value);
                break;
            case (byte)'t':
                error = ReadLiteral("true"u8);
                value = "true"u8;
                break;
            case (byte)'f':
                error = ReadLiteral("false"u8);
                value = "false"u8;
                break;
            case (byte)'n':
                error = ReadLiteral("null"u8);
                break;
            default:
                var length = NumberLength(text[start..]);
                error = length > 0 ? null : "JSON: value expected";
                At += length;
                value = text.Slice(start, length);
                break;
        }

        if (error is not null) return error;
        if (!path.TrySpendName()) return LongNames;
        sink.TakeArgument(path.Name, value);
        Arguments++;
        return null;
    }

    private string? ReadLiteral(ReadOnlySpan<byte> literal)
    {
        if (!text[At..].StartsWith(literal)) return "JSON: value expected";
        At += literal.Length;
        return null;
    }

    /// <summary>The length of the number at the start (RFC 8259, section 6), or 0 if there is none.</summary>
    private static int NumberLength(ReadOnlySpan<byte> text)
    {
        var at = text is [(byte)'-', ..] ? 1 : 0;
        var digits = Digits(text[at..]);
        if (digits == 0 || (digits > 1 && text[at] == '0')) return 0;
        at += digits;
        if (at < text.Length && text[at] == '.')
        {
            digits = Digits(text[(at + 1)..]);
            if (digits == 0) return 0;
            at += 1 + digits;
        }

        if (at == text.Length || (text[at] | 0x20) != 'e') return at;
        at++;
        if (at < text.Length && text[at] is (byte)'+' or (byte)'-') at++;
        digits = Digits(text[at..]);
        return digits == 0 ? 0 : at + digits;
    }

    private static int Digits(ReadOnlySpan<byte> text)
    {
        var length = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return length < 0 ? text.Length : length;
    }

    /// <summary>Reads a string from its quote on; what it yields is valid until the next one.</summary>
    private string? ReadString(out ReadOnlySpan<byte> value)
    {
        value = default;
        var start = ++At;
        var plain = text[start..].IndexOfAny(NotPlain);
        if (plain >= 0 && text[start + plain] == '"')
        {
            At = start + plain + 1;
            value = text.Slice(start, plain);
            return null;
        }

        scratch.Truncate(0);
        while (plain >= 0)
        {
            scratch.Append(text.Slice(At, plain));
            At += plain;
            if (text[At] == '"')
            {
                At++;
                value = scratch.Written;
                return null;
            }

            if (text[At] != '\\') return "JSON: control character in a string";
            if (!TryUnescape()) return "JSON: invalid escape";
            plain = text[At..].IndexOfAny(NotPlain);
        }

        At = text.Length;
        return EarlyEnd;
    }

    /// <summary>Reads an escape. False, and stays where it is, if it is none.</summary>
    private bool TryUnescape()
    {
        if (At + 1 == text.Length) return false;
        var letter = text[At + 1];
        if (letter != 'u')
        {
            var one = letter switch
            {
                (byte)'"' or (byte)'\\' or (byte)'/' => letter,
                (byte)'b' => (byte)8,
                (byte)'f' => (byte)12,
                (byte)'n' => (byte)10,
                (byte)'r' => (byte)13,
                (byte)'t' => (byte)9,
                _ => (byte)0,
            };
            if (one == 0) return false;
            scratch.Append(one);
            At += 2;
            return true;
        }

        var used = 6;
        var code = CodeAt(At);
        if (code is >= 0xd800 and <= 0xdbff && CodeAt(At + 6) is var low && low is >= 0xdc00 and <= 0xdfff)
        {
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            used = 12;
        }

        if (!Rune.TryCreate(code, out var rune)) return false;
        rune.TryEncodeToUtf8(scratch.Room(4), out var written);
        scratch.Advance(written);
        At += used;
        return true;
    }

    /// <summary>The code of <c>\uHHHH</c>, or -1.</summary>
    private readonly int CodeAt(int at)
    {
        if (at + 6 > text.Length || text[at] != '\\' || text[at + 1] != 'u') return -1;
        var high = Hex.Pair(text, at + 2);
        var low = Hex.Pair(text, at + 4);
        return (high | low) < 0 ? -1 : (high << 8) | low;
    }

    private void SkipSpace()
    {
        while (At < text.Length && text[At] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t') At++;
    }
}
