using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Identity.Events;

/// <summary>Writes security events to the structured log, with what clients wrote escaped.</summary>
public sealed partial class LoggedSecurityEvents(ILogger<LoggedSecurityEvents> logger) : ISecurityEvents
{
    public void Raise(SecurityEvent securityEvent)
    {
        if (securityEvent.Kind == SecurityEventKind.SensitiveAccess) LogAccess(logger, Excerpt.Quote(securityEvent.Subject), Excerpt.Quote(securityEvent.ClientId), securityEvent.DataClass, securityEvent.Purpose, securityEvent.Route, securityEvent.RequestId);
        else LogEvent(securityEvent);
    }

    private void LogEvent(SecurityEvent securityEvent) => Log(
        logger, securityEvent.Kind, Excerpt.Quote(securityEvent.ClientId), Excerpt.Quote(securityEvent.Subject), securityEvent.GrantId, securityEvent.RequestId);

    [LoggerMessage(EventId = 1601, Level = LogLevel.Warning, Message = "Security event {Kind}: client {Client}, subject {Subject}, grant {Grant}, request {RequestId}")]
    private static partial void Log(ILogger logger, SecurityEventKind kind, string client, string subject, string grant, string requestId);

    [LoggerMessage(EventId = 1604, Level = LogLevel.Information, Message = "Access to sensitive data: subject {Subject}, client {Client}, class {DataClass}, purpose {Purpose}, route {Route}, request {RequestId}")]
    private static partial void LogAccess(ILogger logger, string subject, string client, string dataClass, string purpose, string route, string requestId);
}
