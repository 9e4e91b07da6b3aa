using Portcullis.Waf.Bytes;
using Portcullis.Waf.Transformations;

namespace Portcullis.Waf.Bodies;

/// <summary>
/// Reads <c>application/x-www-form-urlencoded</c> bodies and query strings as ModSecurity 2 does: pairs between separators, the name up to the first
/// <c>=</c>, both decoded once (<c>+</c> and <c>%HH</c>; what is invalid stays). A pair without <c>=</c> has the empty value; an empty pair counts, except
/// behind the last separator.
/// </summary>
internal static class UrlEncodedReader
{
    /// <param name="text">The whole body, or the query string without its question mark.</param>
    /// <param name="separator">SecArgumentSeparator; usually an ampersand.</param>
    /// <param name="maximumArguments">What SecArgumentsLimit leaves. With more, reading ends in <see cref="BodyResult.ArgumentLimit"/>.</param>
    /// <param name="sink">Takes the arguments.</param>
    /// <param name="invalidEscapes">Percent signs without two digits, in what was read: URLENCODED_ERROR if there are any.</param>
    public static BodyResult Read(ReadOnlySpan<byte> text, byte separator, int maximumArguments, IBodySink sink, out int invalidEscapes)
    {
        invalidEscapes = 0;
        var arguments = 0;
        var scratch = default(PooledBytes);
        try
        {
            for (var at = 0; at < text.Length;)
            {
                var pair = text[at..];
                if (arguments >= maximumArguments) return BodyResult.Failed(BodyResult.ArgumentLimit, at, arguments);
                var end = pair.IndexOf(separator);
                if (end >= 0) pair = pair[..end];
                at += pair.Length + 1;

                var equals = pair.IndexOf((byte)'=');
                var name = equals < 0 ? pair : pair[..equals];
                var value = equals < 0 ? default : pair[(equals + 1)..];
                if (pair.ContainsAny((byte)'%', (byte)'+'))
                {
                    var room = scratch.Room(pair.Length);
                    var nameLength = UrlDecode.Decode(name, room, ref invalidEscapes);
                    var valueLength = UrlDecode.Decode(value, room[nameLength..], ref invalidEscapes);
                    name = room[..nameLength];
                    value = room.Slice(nameLength, valueLength);
                }

                sink.TakeArgument(name, value);
                arguments++;
            }

            return BodyResult.Read(arguments);
        }
        finally
        {
            scratch.Dispose();
        }
    }
}
