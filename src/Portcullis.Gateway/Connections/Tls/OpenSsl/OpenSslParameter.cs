using System.Runtime.InteropServices;

namespace Portcullis.Gateway.Connections.Tls.OpenSsl;

/// <summary>OSSL_PARAM(3ssl). The last of several is the default value.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct OpenSslParameter(byte* name, uint type, byte* octets, nuint length)
{
    public const uint Text = 4;
    public const uint Octets = 5;

    private readonly byte* key = name;
    private readonly uint dataType = type;
    private readonly void* data = octets;
    private readonly nuint dataSize = length;
    private readonly nuint returnSize;
}
