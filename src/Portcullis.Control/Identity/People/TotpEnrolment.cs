using Portcullis.Trust.Keys;

namespace Portcullis.Control.Identity.People;

/// <summary>A person's generator of one-time codes (RFC 6238), proved by a first code.</summary>
/// <param name="Secret">The secret that its codes are made of.</param>
/// <param name="LastStep">Time step of the last code that was taken: no code of it or of one before counts again (RFC 6238 §5.2).</param>
/// <param name="Enrolled">When the first code proved it.</param>
public sealed record TotpEnrolment(Secret Secret, long LastStep, DateTimeOffset Enrolled);
