using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary>
/// <c>base64Decode</c>: decodes Base64 up to the first byte outside its alphabet, padding included; what is left of a quantum gives the bytes it holds.
/// So does ModSecurity 2; version 3 makes the empty value of all that is not well-formed, Coraza steps over line ends.
/// </summary>
internal sealed class Base64Decode() : Transformation("base64Decode", ByteSet.All)
{
    protected override int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination)
    {
        var decoder = default(Base64Quantum);
        foreach (var one in value)
        {
            var sextet = Base64Quantum.Sextet(one);
            if (sextet < 0) break;
            decoder.Add(sextet, destination);
        }

        return decoder.Length;
    }
}
