using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary>
/// <c>normalizePath</c> and <c>normalizePathWin</c>: makes one slash of several, and takes out references to the directory itself and to the one above.
/// An absolute path doesn't lead above its root; a relative one keeps the references that lead above its start. The Windows form takes
/// backslashes for slashes; ModSecurity leaves the last of three in a row, here none is left. As there, a segment that ends in two dots, as <c>a..</c>, goes
/// by itself, and <c>/.</c> and <c>/a/..</c> become the empty value.
/// </summary>
internal sealed class NormalizePath(string name, bool isWindows)
    : Transformation(name, isWindows ? ByteSet.Of("./\\"u8) : ByteSet.Of("./"u8))
{
    protected override int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination)
    {
        var isRelative = !IsSlash(value[0]);
        var isAtRoot = false;
        var length = 0;
        for (var i = 0; i < value.Length;)
        {
            if (IsSlash(value[i]))
            {
                while (i < value.Length && IsSlash(value[i])) i++;
                if (!isRelative || length > 0) destination[length++] = (byte)'/';
                continue;
            }

            var segment = value[i..];
            var end = isWindows ? segment.IndexOfAny((byte)'/', (byte)'\\') : segment.IndexOf((byte)'/');
            if (end >= 0) segment = segment[..end];
            i += segment.Length;
            var isLast = i == value.Length;

            if (segment is not [.., (byte)'.'])
            {
                segment.CopyTo(destination[length..]);
                length += segment.Length;
                if (length > 1) isAtRoot = false;
            }
            else if (segment is [.., (byte)'.', (byte)'.'])
            {
                segment.CopyTo(destination[length..]);
                length += segment.Length;
                if (isRelative && (isAtRoot || length <= 3)) isAtRoot = true;
                else length = Above(destination[..length], isRelative, isLast, ref isAtRoot);
            }
            else if (segment.Length > 1)
            {
                segment.CopyTo(destination[length..]);
                length += segment.Length;
            }
            else if (length > 0 && !isLast)
            {
                // The slash before the dot goes, the one behind it is written.
                length--;
            }
        }

        return length > 0 && destination[length - 1] == '/' && !IsSlash(value[^1]) ? length - 1 : length;
    }

    /// <summary>The length that is left of a path when its last two dots are gone, and the segment before them.</summary>
    private static int Above(ReadOnlySpan<byte> path, bool isRelative, bool isLast, ref bool isAtRoot)
    {
        var left = path.Length > 4 ? path[..(path.Length - 3)].LastIndexOf((byte)'/') : 0;
        if (left > 0) return left;
        isAtRoot = true;
        return !isRelative && isLast ? 1 : 0;
    }

    private bool IsSlash(byte value) => value == '/' || (isWindows && value == '\\');
}
