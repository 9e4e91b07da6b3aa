namespace Portcullis.Gateway.Connections.Tls;

/// <summary>A certificate in use, for logs, metrics and expiry alerts.</summary>
/// <param name="Subject">The distinguished name.</param>
/// <param name="DnsNames">Host names that it covers.</param>
/// <param name="NotBefore">Start of validity.</param>
/// <param name="NotAfter">End of validity.</param>
/// <param name="Source">The file that it came from.</param>
public sealed record CertificateStatus(string Subject, IReadOnlyList<string> DnsNames, DateTimeOffset NotBefore, DateTimeOffset NotAfter, string Source);
