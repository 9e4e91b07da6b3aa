using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>The certificate of the TLS connection, which the handshake found good, mapped to a caller by its names.</summary>
internal sealed class CertificateMethod(CertificateCallers callers, TimeProvider clock) : CredentialMethod
{
    public override AuthenticationMethod Method => AuthenticationMethod.Certificate;

    /// <summary>No registered scheme asks for a certificate; something must stand there (RFC 9110 §15.5.2), and clients pass over schemes that they don't know.</summary>
    public override string Challenge => "Certificate";

    public override bool IsPresented(Exchange exchange) => exchange.Certificate is not null;

    public override ValueTask<CredentialOutcome> AuthenticateAsync(Exchange exchange)
    {
        var certificate = exchange.Certificate!;
        if (!certificate.IsValidAt(clock.GetUtcNow())) return new(CredentialOutcome.Refuse(RefusalCode.AuthenticationRequired, "the certificate has expired since the handshake", Challenge));
        var caller = callers.Find(certificate, out var cause);
        return new(caller is null ? CredentialOutcome.Refuse(RefusalCode.AuthenticationRequired, cause, Challenge) : CredentialOutcome.Accept(caller));
    }
}
