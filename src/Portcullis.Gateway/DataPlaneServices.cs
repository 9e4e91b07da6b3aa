using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Connections.Tls;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Identity.Roles;
using Portcullis.Gateway.Telemetry;
using Portcullis.Trust.Keys;

namespace Portcullis.Gateway;

/// <summary>What the data plane needs from the process it runs in.</summary>
public sealed record DataPlaneServices
{
    public required ILoggerFactory Loggers { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The gateway's own keys; opened at first use.</summary>
    public required Lazy<KeyRing> Keys { get; init; }

    /// <summary>Why the keys on disk as they are now can't be used, for health and metrics; null while all is well. Default: nobody looks.</summary>
    public Func<string?> KeyProblem { get; init; } = static () => null;

    /// <summary>How client addresses are shown in logs; configurations set it. Share it with whatever else logs them.</summary>
    public AddressMask Addresses { get; init; } = new();

    /// <summary>The programs that may have tokens.</summary>
    public required IClientStore Clients { get; init; }

    /// <summary>What else the token service gets from the control plane. Default: nothing, so that it offers client credentials alone.</summary>
    public IdentityServices Identity { get; init; } = new();

    /// <summary>Is told the roles of each configuration that runs. Share it with whatever computes what somebody may do.</summary>
    public RunningRoles Roles { get; init; } = new();

    /// <summary>The certificate of <c>tls: {}</c>.</summary>
    public required Func<X509Certificate2> DevelopmentCertificate { get; init; }

    /// <summary>Keys the ids in affinity cookies; nodes that share clients need the same. Empty: drawn at random, so that clients are spread anew after a restart.</summary>
    public ReadOnlyMemory<byte> AffinityKey { get; init; }

    /// <summary>How long requests in flight may take when a listener goes.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
