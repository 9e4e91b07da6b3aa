namespace Portcullis.Control.Identity.Sessions;

/// <summary>A session that was ended.</summary>
/// <param name="Id">The hash of its cookie.</param>
/// <param name="Sid">As tokens tell it.</param>
public sealed record EndedSession(SessionId Id, string Sid);
