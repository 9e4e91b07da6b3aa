namespace Portcullis.Control.Identity.Clients;

/// <summary>Why a client can't be registered as it is.</summary>
/// <param name="Message">What is wrong.</param>
/// <param name="Hint">What to do.</param>
public sealed record ClientDefect(string Message, string Hint);
