namespace Portcullis.Gateway.Routing;

/// <summary>
/// The path that an upstream sees which cuts path parameters off (<c>/admin;x=1</c> as <c>/admin</c>, RFC 3986 section 3.3 leaves it open)
/// and decodes reserved characters (<c>/v1/users%3Adelete</c> as <c>/v1/users:delete</c>), slashes that the listener keeps included.
/// Where that path belongs to another route, the policies of the wrong route would be applied.
/// </summary>
internal static class LookalikePath
{
    /// <summary>Whether a path in normal form may have another reading at all.</summary>
    public static bool MayDiffer(ReadOnlySpan<char> path) => path.ContainsAny(';', '%');

    /// <summary>Writes the other reading to <paramref name="output"/>, which must be as long as the path; false when it is the same.</summary>
    public static bool TryWrite(ReadOnlySpan<char> path, Span<char> output, out int written)
    {
        written = 0;
        var isCut = false;
        for (var i = 0; i < path.Length; i++)
        {
            var character = path[i];
            if (character == '%' && Percent.TryRead(path[i..], out var octet) && ((char)octet == '/' || TargetCharacters.IsSegment((char)octet)))
            {
                character = (char)octet;
                i += 2;
            }

            if (character == '/')
            {
                isCut = false;
                if (written == 0 || output[written - 1] != '/')
                    output[written++] = '/';
                continue;
            }

            isCut |= character == ';';
            if (!isCut)
                output[written++] = character;
        }

        return written != path.Length;
    }
}
