using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Connections.Tls;
using Portcullis.Gateway.Telemetry;

namespace Portcullis.Gateway.Connections;

/// <summary>What listeners need from the process around them.</summary>
public sealed record ListenerServices
{
    /// <summary>Where listeners log. Default: nowhere.</summary>
    public ILoggerFactory Logging { get; init; } = NullLoggerFactory.Instance;

    /// <summary>The clock of time-outs and certificate checks.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How client addresses are shown in logs. Default: whole.</summary>
    public AddressMask Addresses { get; init; } = new();

    /// <summary>Answers what the HTTP parser refuses.</summary>
    public IRefusals Refusals { get; init; } = new ProblemRefusals();

    /// <summary>Supplies the certificate of <c>tls: {}</c>. Default: such a listener does not start.</summary>
    public Func<X509Certificate2>? DevelopmentCertificate { get; init; }
}
