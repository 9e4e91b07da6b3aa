using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary><c>trim</c>, <c>trimLeft</c>, <c>trimRight</c>: takes white space off the ends.</summary>
internal sealed class Trim(string name, bool left, bool right) : Transformation(name, AsciiClass.Space)
{
    protected override int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination)
    {
        if (left && from == 0)
        {
            while (value.Length > 0 && AsciiClass.IsSpace(value[0])) value = value[1..];
        }

        while (right && value.Length > 0 && AsciiClass.IsSpace(value[^1])) value = value[..^1];
        value.CopyTo(destination);
        return value.Length;
    }
}
