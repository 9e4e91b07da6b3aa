namespace Portcullis.Control.Identity.Account;

/// <summary>Names of methods in sessions and tokens (<c>amr</c>, RFC 8176 §2).</summary>
internal static class AuthenticationMethods
{
    public const string Password = "pwd";

    /// <summary>A one-time code of a generator.</summary>
    public const string OneTimeCode = "otp";

    /// <summary>More than one factor.</summary>
    public const string MultiFactor = "mfa";

    /// <summary>A key that does not leave its device.</summary>
    public const string HardwareKey = "hwk";

    /// <summary>A key that its owner's devices share.</summary>
    public const string SoftwareKey = "swk";

    /// <summary>The authenticator checked that it was its owner.</summary>
    public const string UserVerified = "user";
}
