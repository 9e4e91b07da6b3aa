using System.Collections.Concurrent;
using Portcullis.Gateway.Identity.Events;

namespace Portcullis.Gateway.Tests.Identity.Memory;

/// <summary>Security events, kept to be looked at.</summary>
internal sealed class RecordedEvents : ISecurityEvents
{
    private readonly ConcurrentQueue<SecurityEvent> events = new();

    public IEnumerable<SecurityEventKind> Kinds => events.Select(one => one.Kind);

    public IReadOnlyCollection<SecurityEvent> All => events;

    public void Raise(SecurityEvent securityEvent) => events.Enqueue(securityEvent);
}
