namespace Portcullis.Trust.Passwords;

/// <summary>Why a new password is refused, and what to do (NIST SP 800-63B-4: the reason is told). Quotes nothing of the password.</summary>
/// <param name="Fault">The rule.</param>
/// <param name="Text">One sentence for the person.</param>
public sealed record PasswordRefusal(PasswordFault Fault, string Text);
