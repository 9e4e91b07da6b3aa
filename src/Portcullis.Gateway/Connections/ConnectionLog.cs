using System.Net;
using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Telemetry;

namespace Portcullis.Gateway.Connections;

/// <summary>Events of listeners and connections, ids 1100–1199.</summary>
internal static partial class ConnectionLog
{
    [LoggerMessage(1100, LogLevel.Information, "Listener {Listener} listens on {EndPoint} ({Scheme}, {Protocols})")]
    public static partial void ListenerStarted(ILogger logger, string listener, IPEndPoint endPoint, string scheme, string protocols);

    [LoggerMessage(1101, LogLevel.Information, "Listener {Listener} takes over changed settings without rebinding")]
    public static partial void ListenerChanged(ILogger logger, string listener);

    [LoggerMessage(1102, LogLevel.Information, "Listener {Listener} on {EndPoint} drains: it accepts no more and finishes what is under way")]
    public static partial void ListenerDraining(ILogger logger, string listener, IPEndPoint endPoint);

    [LoggerMessage(1103, LogLevel.Information, "Listener {Listener} on {EndPoint} stopped")]
    public static partial void ListenerStopped(ILogger logger, string listener, IPEndPoint endPoint);

    [LoggerMessage(1104, LogLevel.Error, "Listener {Listener} failed to stop cleanly")]
    public static partial void ListenerStopFailed(ILogger logger, Exception exception, string listener);

    [LoggerMessage(1105, LogLevel.Warning, "Accepting on {EndPoint} failed: {Error}")]
    public static partial void AcceptFailed(ILogger logger, IPEndPoint endPoint, string error);

    [LoggerMessage(1106, LogLevel.Debug, "Listener {Listener} turned a connection away ({Reason}) from {Address}")]
    public static partial void ConnectionRefused(ILogger logger, string listener, ConnectionRefusal reason, ShownAddress address);

    [LoggerMessage(1107, LogLevel.Warning, "Listener {Listener} cut an HTTP/2 connection from {Address}: {Flood}. At most one line a second; portcullis_connections_refused_total counts all")]
    public static partial void FloodCut(ILogger logger, string listener, ShownAddress address, string flood);

    [LoggerMessage(1108, LogLevel.Critical, "Listener {Listener} lost {EndPoint} and accepts nothing: {Problem}")]
    public static partial void AddressLost(ILogger logger, string listener, IPEndPoint endPoint, string problem);

    [LoggerMessage(1109, LogLevel.Error, "A connection to {EndPoint} was dropped: it failed inside the gateway")]
    public static partial void ConnectionFailed(ILogger logger, Exception exception, IPEndPoint endPoint);

    [LoggerMessage(1110, LogLevel.Information, "Listener {Listener} serves certificate {Subject}, valid until {NotAfter:u}, from {File}")]
    public static partial void CertificateLoaded(ILogger logger, string listener, string subject, DateTimeOffset notAfter, string file);

    [LoggerMessage(1111, LogLevel.Error, "Listener {Listener} keeps its last good certificates: {Problem}")]
    public static partial void CertificateReloadFailed(ILogger logger, string listener, string problem);

    [LoggerMessage(1112, LogLevel.Warning, "Listener {Listener}: {Warning}")]
    public static partial void CertificateWarning(ILogger logger, string listener, string warning);

    [LoggerMessage(1113, LogLevel.Warning, "Listener {Listener} can't watch {Directory} and looks for changed certificates only every {Period}: {Problem}")]
    public static partial void WatchFailed(ILogger logger, string listener, string directory, TimeSpan period, string problem);

    [LoggerMessage(1114, LogLevel.Error, "A request from {EndPoint} was answered 500: its response could not be written")]
    public static partial void ResponseFailed(ILogger logger, Exception exception, IPEndPoint endPoint);

    [LoggerMessage(1115, LogLevel.Information, "Listener {Listener} has new session ticket keys")]
    public static partial void TicketKeysReplaced(ILogger logger, string listener);

    [LoggerMessage(1117, LogLevel.Debug, "The HTTP/2 connection of {EndPoint} was ended: {Cause}")]
    public static partial void ProtocolBroken(ILogger logger, IPEndPoint endPoint, string cause);

    [LoggerMessage(1118, LogLevel.Debug, "A TLS handshake failed: {Cause}")]
    public static partial void HandshakeFailed(ILogger logger, string cause);
}
