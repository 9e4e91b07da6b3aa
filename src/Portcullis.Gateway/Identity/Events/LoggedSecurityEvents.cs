using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Identity.Events;

/// <summary>
/// Writes security events to the structured log, with what clients wrote escaped: what people do every day, refused sign-ins among it, as information, all else as
/// a warning.
/// </summary>
public sealed partial class LoggedSecurityEvents(ILogger<LoggedSecurityEvents> logger) : ISecurityEvents
{
    public void Raise(SecurityEvent securityEvent)
    {
        var (client, subject) = (Excerpt.Quote(securityEvent.ClientId), Excerpt.Quote(securityEvent.Subject));
        if (securityEvent.Kind == SecurityEventKind.SensitiveAccess) LogAccess(logger, subject, client, securityEvent.DataClass, securityEvent.Purpose, securityEvent.Route, securityEvent.RequestId);
        else if (IsUsual(securityEvent.Kind)) LogUsual(logger, securityEvent.Kind, client, subject, securityEvent.GrantId, securityEvent.RequestId);
        else Log(logger, securityEvent.Kind, client, subject, securityEvent.GrantId, securityEvent.RequestId);
    }

    private static bool IsUsual(SecurityEventKind kind) => kind is SecurityEventKind.SignedIn or SecurityEventKind.SignInFailed or SecurityEventKind.SignInThrottled
        or SecurityEventKind.SteppedUp or SecurityEventKind.SignedOut or SecurityEventKind.SessionEnded or SecurityEventKind.FactorAdded or SecurityEventKind.FactorRemoved
        or SecurityEventKind.PasswordChanged or SecurityEventKind.RecoveryCodesRenewed;

    [LoggerMessage(EventId = 1601, Level = LogLevel.Warning, Message = "Security event {Kind}: client {Client}, subject {Subject}, grant {Grant}, request {RequestId}")]
    private static partial void Log(ILogger logger, SecurityEventKind kind, string client, string subject, string grant, string requestId);

    [LoggerMessage(EventId = 1605, Level = LogLevel.Information, Message = "Security event {Kind}: client {Client}, subject {Subject}, grant {Grant}, request {RequestId}")]
    private static partial void LogUsual(ILogger logger, SecurityEventKind kind, string client, string subject, string grant, string requestId);

    [LoggerMessage(EventId = 1604, Level = LogLevel.Information, Message = "Access to sensitive data: subject {Subject}, client {Client}, class {DataClass}, purpose {Purpose}, route {Route}, request {RequestId}")]
    private static partial void LogAccess(ILogger logger, string subject, string client, string dataClass, string purpose, string route, string requestId);
}
