namespace Portcullis.Trust.Tokens;

/// <summary>How and when a person proved who they are, as tokens tell it (OpenID Connect Core, section 2; RFC 9068, section 2.2.1).</summary>
/// <param name="At">When (<c>auth_time</c>); whole seconds are told.</param>
/// <param name="Methods">By what (<c>amr</c>, values of RFC 8176 such as <c>pwd</c>, <c>otp</c>, <c>hwk</c>, <c>mfa</c>).</param>
public sealed record AuthenticationEvent(DateTimeOffset At, IReadOnlyList<string> Methods);
