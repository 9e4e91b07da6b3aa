using Portcullis.Gateway.Configuration;

namespace Portcullis.Control.Identity.Sessions;

/// <summary>How long sessions last and how many one person has.</summary>
public sealed record SessionRules(TimeSpan IdleTimeout, TimeSpan AbsoluteTimeout, int PerSubject)
{
    /// <summary>How exactly the last use of a session is kept: to the minute, or to a tenth of a short idle time-out. A session may end so much early, never late.</summary>
    public TimeSpan Grain { get; } = TimeSpan.FromTicks(Math.Min(TimeSpan.TicksPerMinute, IdleTimeout.Ticks / 10));

    /// <summary>The rules of a configuration.</summary>
    public static SessionRules Of(SessionOptions options) => new(options.IdleTimeout, options.AbsoluteTimeout, options.PerUser);

    /// <summary>Whether a session is over.</summary>
    public bool IsOver(Session session, DateTimeOffset now) => now - session.Created >= AbsoluteTimeout || now - session.LastSeen >= IdleTimeout;
}
