using System.Buffers;

namespace Portcullis.Gateway.Routing;

/// <summary>
/// Reads parameters of a query as forms do (WHATWG URL section 5.1): pairs split by <c>&amp;</c>, <c>+</c> for a space, escapes decoded,
/// a bad escape taken as it stands. Characters are octets.
/// </summary>
internal static class QueryParameter
{
    private const int StackLength = 512;

    /// <summary>Whether a query, without its <c>?</c>, satisfies a condition.</summary>
    public static bool Holds(FieldCondition condition, ReadOnlySpan<char> query)
    {
        var count = Find(query, condition.Name, out var value);
        if (count != 1 || !value.ContainsAny('%', '+') || condition.Kind is FieldConditionKind.Present or FieldConditionKind.Absent)
            return condition.Holds(count, value);

        char[]? rented = null;
        var buffer = value.Length <= StackLength ? stackalloc char[StackLength] : (rented = ArrayPool<char>.Shared.Rent(value.Length));
        try
        {
            return condition.Holds(count, buffer[..Decode(value, buffer)]);
        }
        finally
        {
            if (rented is not null)
                ArrayPool<char>.Shared.Return(rented);
        }
    }

    /// <summary>How often a parameter was sent, up to 2, and its last value, still encoded.</summary>
    private static int Find(ReadOnlySpan<char> query, ReadOnlySpan<char> name, out ReadOnlySpan<char> value)
    {
        value = default;
        var count = 0;
        while (!query.IsEmpty && count < 2)
        {
            var end = query.IndexOf('&');
            var pair = end < 0 ? query : query[..end];
            query = end < 0 ? default : query[(end + 1)..];

            var equals = pair.IndexOf('=');
            if (!EqualsDecoded(equals < 0 ? pair : pair[..equals], name))
                continue;
            value = equals < 0 ? default : pair[(equals + 1)..];
            count++;
        }

        return count;
    }

    private static bool EqualsDecoded(ReadOnlySpan<char> encoded, ReadOnlySpan<char> name)
    {
        foreach (var expected in name)
        {
            if (encoded.IsEmpty || Next(ref encoded) != expected)
                return false;
        }

        return encoded.IsEmpty;
    }

    private static int Decode(ReadOnlySpan<char> encoded, Span<char> output)
    {
        var written = 0;
        while (!encoded.IsEmpty)
            output[written++] = Next(ref encoded);
        return written;
    }

    private static char Next(ref ReadOnlySpan<char> encoded)
    {
        if (Percent.TryRead(encoded, out var octet))
        {
            encoded = encoded[3..];
            return (char)octet;
        }

        var character = encoded[0];
        encoded = encoded[1..];
        return character == '+' ? ' ' : character;
    }
}
