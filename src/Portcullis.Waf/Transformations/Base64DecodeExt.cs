using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary>
/// <c>base64DecodeExt</c>: decodes Base64 and steps over every byte outside its alphabet, as forgiving decoders do. Padding is stepped over as well;
/// where it follows a single sextet and no other padding, the result is empty. ModSecurity 2 ends at a NUL, which here is stepped over, as version 3 does.
/// </summary>
internal sealed class Base64DecodeExt() : Transformation("base64DecodeExt", ByteSet.All)
{
    protected override int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination)
    {
        var decoder = default(Base64Quantum);
        for (var i = 0; i < value.Length; i++)
        {
            var sextet = Base64Quantum.Sextet(value[i]);
            if (sextet >= 0) decoder.Add(sextet, destination);
            else if (value[i] == '=' && decoder.Sextets == 1 && (i + 1 == value.Length || value[i + 1] != '=')) return 0;
        }

        return value.Length > 0 && value[^1] == '=' && decoder.Sextets == 1 ? 0 : decoder.Length;
    }
}
