using Portcullis.Gateway.EventLoops;

namespace Portcullis.Gateway.Forwarding.Connecting;

/// <summary>A connected socket, or why there is none.</summary>
internal readonly struct ConnectResult
{
    private ConnectResult(LoopSocket? socket, ForwardError error, string? cause)
    {
        Socket = socket;
        Error = error;
        Cause = cause;
    }

    /// <summary>The connected socket, owned by the caller; null exactly when <see cref="Error"/> is not <see cref="ForwardError.None"/>.</summary>
    public LoopSocket? Socket { get; }

    /// <summary><see cref="ForwardError.Resolve"/>, <see cref="ForwardError.AddressForbidden"/> or <see cref="ForwardError.Connect"/>.</summary>
    public ForwardError Error { get; }

    /// <summary>For the logs; null when connected.</summary>
    public string? Cause { get; }

    public static ConnectResult From(LoopSocket socket) => new(socket, ForwardError.None, null);

    public static ConnectResult Failed(ForwardError error, string cause) => new(null, error, cause);
}
