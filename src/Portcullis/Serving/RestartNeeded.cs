using Portcullis.Gateway.Configuration;

namespace Portcullis.Serving;

/// <summary>Names the changed settings that a running process can't take over: docs/operating.md lists them.</summary>
internal static class RestartNeeded
{
    public static IEnumerable<string> Between(GatewayOptions running, GatewayOptions next)
    {
        if (running.Data != next.Data) yield return "data";
        if (running.Storage != next.Storage) yield return "storage";
        if (running.ShutdownTimeout != next.ShutdownTimeout) yield return "shutdownTimeout";
        if (running.Telemetry.LogLevel != next.Telemetry.LogLevel) yield return "telemetry.logLevel";
        if (running.Identity?.AccessToken.Algorithm != next.Identity?.AccessToken.Algorithm) yield return "identity.accessToken.algorithm";
        if (running.Identity?.Passwords.Iterations != next.Identity?.Passwords.Iterations) yield return "identity.passwords.iterations";
        if (running.Keys != next.Keys) yield return "keys";
        if (!IsSame(running.Admin, next.Admin)) yield return "admin";
    }

    // Lists in records compare by reference, and each load makes new ones.
    private static bool IsSame(AdminOptions one, AdminOptions two)
        => one.Allow.SequenceEqual(two.Allow)
        && one.Tls.AdditionalCertificates.SequenceEqual(two.Tls.AdditionalCertificates)
        && one with { Allow = two.Allow, Tls = one.Tls with { AdditionalCertificates = two.Tls.AdditionalCertificates } } == two;
}
