using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Identity.People;

/// <summary>Who is signed in in a browser.</summary>
/// <param name="Subject">The person.</param>
/// <param name="SessionId">The session as tokens may tell it (<c>sid</c>): never what the cookie holds.</param>
/// <param name="Authentication">When and by what they last proved who they are.</param>
public sealed record SignedInPerson(string Subject, string SessionId, AuthenticationEvent Authentication);
