using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Identity.Events;

/// <summary>Writes security events to the structured log, with what clients wrote escaped.</summary>
public sealed partial class LoggedSecurityEvents(ILogger<LoggedSecurityEvents> logger) : ISecurityEvents
{
    public void Raise(SecurityEvent securityEvent) => Log(
        logger, securityEvent.Kind, Excerpt.Quote(securityEvent.ClientId), Excerpt.Quote(securityEvent.Subject), securityEvent.GrantId, securityEvent.RequestId);

    [LoggerMessage(EventId = 1601, Level = LogLevel.Warning, Message = "Security event {Kind}: client {Client}, subject {Subject}, grant {Grant}, request {RequestId}")]
    private static partial void Log(ILogger logger, SecurityEventKind kind, string client, string subject, string grant, string requestId);
}
