using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections.Tls;

namespace Portcullis.Gateway.Connections;

/// <summary>Everything about a listener that can fail, done before anything changes: its files read, its address bound.</summary>
internal sealed class ListenerPlan
{
    private readonly ListenerServices services;
    private bool ownsSocket;

    private ListenerPlan(string name, ListenerOptions options, ListenSocket? existing, CertificateStore? certificates, IReadOnlyList<string> problems, ListenerServices services, ILogger logger)
    {
        this.services = services;
        Logger = logger;
        Rules = new ConnectionRules(name, options);
        Socket = existing;
        Certificates = certificates;
        Problems = problems;
    }

    public ConnectionRules Rules { get; }

    public CertificateStore? Certificates { get; }

    /// <summary>The socket, once bound or taken from a predecessor.</summary>
    public ListenSocket? Socket { get; private set; }

    public IReadOnlyList<string> Problems { get; }

    public ILogger Logger { get; }

    /// <summary>Reads what the options name.</summary>
    /// <param name="existing">A socket that is bound to the address already, to be taken over.</param>
    public static ListenerPlan Prepare(string name, ListenerOptions options, ListenSocket? existing, ListenerServices services, ILogger logger)
    {
        var problems = new List<string>();
        if (options.Protocols.Count == 0) problems.Add("protocols is empty: name http1, http2 or both");
        if (options.ProxyProtocol != ProxyProtocolMode.None && options.TrustedProxies.Count == 0)
            problems.Add("proxyProtocol needs trustedProxies: the addresses whose headers are believed");
        CertificateStore? certificates = null;
        try
        {
            if (options.Tls is not null) certificates = CertificateStore.TryCreate(name, options, services.DevelopmentCertificate, services.Time, logger, problems);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problems.Add($"the development certificate can't be kept: {exception.Message} (look at the rights and the space there, or set tls.certificate and tls.privateKey)");
        }

        return new ListenerPlan(name, options, existing, certificates, [.. problems.Select(problem => $"listener {name}: {problem}")], services, logger);
    }

    /// <summary>Binds the address unless a socket is there already.</summary>
    public bool TryBind([NotNullWhen(false)] out string? problem)
    {
        problem = null;
        if (Socket is not null) return true;
        var address = Rules.Options.Address;
        try
        {
            Socket = ListenSocket.Bind(address, services.Time, Logger);
            ownsSocket = true;
            return true;
        }
        catch (AddressInUseException)
        {
            problem = $"listener {Rules.Listener}: {address} is in use; find the program with: ss -ltnp 'sport = :{address.EndPoint.Port}'";
        }
        catch (SocketException exception)
        {
            problem = exception.SocketErrorCode switch
            {
                SocketError.AccessDenied => $"listener {Rules.Listener}: {address} may not be bound: ports below 1024 need the capability CAP_NET_BIND_SERVICE",
                SocketError.AddressNotAvailable => $"listener {Rules.Listener}: {address} is not an address of this machine",
                _ => $"listener {Rules.Listener}: {address} can't be bound: {exception.Message}",
            };
        }

        return false;
    }

    /// <summary>Gives back what was prepared and will not be used.</summary>
    public async Task AbandonAsync()
    {
        Certificates?.Dispose();
        if (ownsSocket && Socket is not null) await Socket.DisposeAsync();
    }
}
