using Portcullis.Trust.Keys;

namespace Portcullis.Control.Identity.Sessions;

/// <summary>A session with a new id.</summary>
/// <param name="Session">As it is stored.</param>
/// <param name="Cookie">The cookie's value, which is nowhere else.</param>
/// <param name="Ended">Sessions of the same person that ended for it.</param>
public sealed record StartedSession(Session Session, Secret Cookie, IReadOnlyList<EndedSession> Ended);
