using System.Net;

namespace Portcullis.Gateway.Telemetry;

/// <summary>A client address as a log line may show it.</summary>
public readonly struct ShownAddress
{
    private readonly IPAddress address;
    private readonly bool isMasked;

    internal ShownAddress(IPAddress address, bool isMasked)
    {
        this.address = address;
        this.isMasked = isMasked;
    }

    public override string ToString()
    {
        Span<char> buffer = stackalloc char[64];
        return AddressText.Format(address, isMasked, buffer).ToString();
    }
}
