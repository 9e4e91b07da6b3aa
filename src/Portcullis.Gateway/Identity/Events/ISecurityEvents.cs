namespace Portcullis.Gateway.Identity.Events;

/// <summary>Where security events go: the structured log, later the audit log.</summary>
public interface ISecurityEvents
{
    /// <summary>Takes an event. Never throws and never waits.</summary>
    void Raise(SecurityEvent securityEvent);
}
