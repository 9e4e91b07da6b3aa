using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Portcullis.Gateway.Connections.Tls;

/// <summary>
/// Makes .NET let go of the OpenSSL contexts that no connection uses, and so of their ticket keys. It looks for them only when it has
/// made a context and has a multiple of 32 of them, so that otherwise keys would stay in memory for as many rotations.
/// </summary>
internal static class AbandonedContexts
{
    private const int ContextsPerLook = 32;

    /// <summary>
    /// Costs some 40 ms. What else is unused goes, too: a listener without a connection has new ticket keys afterwards.
    /// </summary>
    /// <param name="any">Any certificate with its key; nobody gets to see it.</param>
    public static void Release(X509Certificate2 any)
    {
        for (var made = 0; made < ContextsPerLook; made++)
        {
            // A client makes its context before it hears of a server, and here it hears nothing.
            using var nobody = new MemoryStream();
            using var tls = new SslStream(nobody);
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = "nobody.invalid",
                ClientCertificateContext = SslStreamCertificateContext.Create(new RekeyedCertificate(any), null, offline: true),
            };
            try
            {
                tls.AuthenticateAsClient(options);
            }
            catch (Exception exception) when (exception is IOException or AuthenticationException)
            {
                // The end of the stream, as meant.
            }
        }
    }
}
