using Portcullis.Gateway.Configuration;

namespace Portcullis.Serving;

/// <summary>The configuration that is in effect, for what reads it now and then beside the data plane. Safe from any thread.</summary>
internal sealed class RunningOptions(GatewayOptions options)
{
    private volatile GatewayOptions current = options;

    /// <summary>As of the last reload that was taken over.</summary>
    public GatewayOptions Current
    {
        get => current;
        set => current = value;
    }
}
