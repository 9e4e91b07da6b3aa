using System.Net;

namespace Portcullis.Gateway.Telemetry;

/// <summary>How client addresses are shown in logs: whole, or shortened to /24 (IPv4) and /48 (IPv6). One for the process; a reload sets it. Thread safe.</summary>
public sealed class AddressMask
{
    private volatile bool isOn;

    /// <summary>Whether addresses are shortened. Default: false.</summary>
    public bool IsOn
    {
        get => isOn;
        set => isOn = value;
    }

    /// <summary>The address for a log line; becomes text only where the line is written.</summary>
    public ShownAddress Show(IPAddress address) => new(address, isOn);
}
