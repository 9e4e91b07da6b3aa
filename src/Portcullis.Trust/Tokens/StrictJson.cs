using System.Text.Json;
using System.Text.Unicode;

namespace Portcullis.Trust.Tokens;

/// <summary>
/// Judges whether a text is one JSON object that every parser reads alike: valid UTF-8, no member name twice in one object (RFC 8725, section
/// 2.4; RFC 7515, section 4), whole surrogate pairs, bounded depth and number of members.
/// </summary>
internal static class StrictJson
{
    /// <summary>Most members of all objects that are open at one moment. More is refused.</summary>
    private const int MaximumOpenMembers = 256;

    /// <summary>Room for member names that are written with escapes; hardly any are. More is refused.</summary>
    private const int EscapedNamesSize = 1024;

    private const int MaximumDepth = 16;

    /// <summary>True when <paramref name="json"/> is acceptable; otherwise <paramref name="fault"/> says why not.</summary>
    public static bool IsObject(ReadOnlySpan<byte> json, int maximumDepth, out string? fault)
    {
        fault = null;
        if (!Utf8.IsValid(json))
            fault = "not UTF-8";
        else if (json.IsEmpty)
            fault = "empty";
        else
        {
            try
            {
                fault = Fault(json, Math.Min(maximumDepth, MaximumDepth));
            }
            catch (JsonException)
            {
                // The reader has no way to say so without an exception. It costs less than checking one signature.
                fault = "not JSON, or nested too deeply";
            }
        }

        return fault is null;
    }

    private static string? Fault(ReadOnlySpan<byte> json, int maximumDepth)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maximumDepth });
        Span<Name> names = stackalloc Name[MaximumOpenMembers];
        Span<int> starts = stackalloc int[MaximumDepth + 1];
        Span<byte> escapedNames = stackalloc byte[EscapedNamesSize];
        var (count, depth, used) = (0, 0, 0);

        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    starts[depth++] = count;
                    break;
                case JsonTokenType.EndObject:
                    count = starts[--depth];
                    break;
                case JsonTokenType.PropertyName:
                    if (count == MaximumOpenMembers)
                        return "too many members";
                    var name = new Name((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length, reader.ValueIsEscaped);
                    if (reader.ValueIsEscaped)
                    {
                        if (!HasWholeSurrogates(reader.ValueSpan))
                            return "half a surrogate pair";
                        if (reader.ValueSpan.Length > EscapedNamesSize - used)
                            return "too many escaped member names";
                        name = new Name(used, reader.CopyString(escapedNames[used..]), Escaped: true);
                        used += name.Length;
                    }

                    var text = name.In(json, escapedNames);
                    foreach (ref readonly var other in names[starts[depth - 1]..count])
                    {
                        if (other.Length == name.Length && other.In(json, escapedNames).SequenceEqual(text))
                            return "a member name twice in one object";
                    }

                    names[count++] = name;
                    break;
                case JsonTokenType.String when reader.ValueIsEscaped && !HasWholeSurrogates(reader.ValueSpan):
                    return "half a surrogate pair";
            }

            if (depth == 0 && reader.TokenType != JsonTokenType.EndObject)
                return "not an object";
        }

        return null;
    }

    /// <summary>Every \uD800–\uDBFF is followed by \uDC00–\uDFFF, and none of the latter stands alone (RFC 8259, section 8.2).</summary>
    private static bool HasWholeSurrogates(ReadOnlySpan<byte> escaped)
    {
        var expectsLow = false;
        for (var i = 0; i < escaped.Length; i++)
        {
            var unit = 0;
            if (escaped[i] == '\\')
            {
                i++;
                if (escaped[i] == 'u')
                {
                    // The reader has seen to it that four hexadecimal digits follow.
                    _ = System.Buffers.Text.Utf8Parser.TryParse(escaped.Slice(i + 1, 4), out ushort parsed, out _, 'x');
                    unit = parsed;
                    i += 4;
                }
            }

            if (expectsLow != unit is >= 0xDC00 and <= 0xDFFF)
                return false;
            expectsLow = unit is >= 0xD800 and <= 0xDBFF;
        }

        return !expectsLow;
    }

    /// <summary>Where a member name stands: in the text, or unescaped in the buffer for such.</summary>
    private readonly record struct Name(int Start, int Length, bool Escaped)
    {
        public ReadOnlySpan<byte> In(ReadOnlySpan<byte> json, ReadOnlySpan<byte> escapedNames) => (Escaped ? escapedNames : json).Slice(Start, Length);
    }
}
