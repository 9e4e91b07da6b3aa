using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Portcullis.Gateway.Connections.Tls.OpenSsl;

/// <summary>
/// What OpenSSL asks during a handshake. It asks within a call of ours, so <see cref="OpenSslConnection.Active"/> is whom it asks about. No
/// exception passes: what fails refuses.
/// </summary>
internal static unsafe class OpenSslCallbacks
{
    private const int InternalError = 80; // alert, RFC 8446 §6.2
    private const int MostIntermediates = 16;

    /// <summary>SSL_CTX_set_client_hello_cb(3ssl): 1 goes on, 0 refuses.</summary>
    [UnmanagedCallersOnly]
    public static int ClientHello(nint ssl, int* alert, nint unused)
    {
        try
        {
            byte* octets;
            nuint length;
            var name = LibSsl.SSL_client_hello_get0_ext(ssl, 0, &octets, &length) == 1 ? HostName(new ReadOnlySpan<byte>(octets, (int)length)) : string.Empty;
            OpenSslConnection.Active!.Select(name);
            return 1;
        }
        catch (Exception)
        {
            *alert = InternalError;
            return 0;
        }
    }

    /// <summary>SSL_CTX_set_alpn_select_cb(3ssl): 0 takes what was chosen, 2 refuses: the client speaks nothing that is served here (RFC 7301 §3.2).</summary>
    [UnmanagedCallersOnly]
    public static int ApplicationProtocol(nint ssl, byte** chosen, byte* chosenLength, byte* offered, uint offeredLength, nint unused)
    {
        const int accepted = 0, refused = 2;
        if (OpenSslConnection.Active is not { } connection) return refused;
        var all = new ReadOnlySpan<byte>(offered, (int)offeredLength);
        var at = connection.Acceptor.Protocols.Choose(all, out var length);
        if (at < 0) return refused;
        *chosen = offered + at;
        *chosenLength = (byte)length;
        return accepted;
    }

    /// <summary>SSL_CTX_set_tlsext_ticket_key_evp_cb(3ssl): 1 the keys are set, 2 and a new ticket is due, 0 there is no ticket, -1 an error.</summary>
    [UnmanagedCallersOnly]
    public static int Ticket(nint ssl, byte* name, byte* initialVector, nint cipher, nint mac, int isSealing)
    {
        try
        {
            var keys = OpenSslConnection.Active!.Keys;
            if (isSealing == 0) return keys.Open(new ReadOnlySpan<byte>(name, TicketKey.NameLength), initialVector, cipher, mac);

            // TLS 1.2 resumes without a key exchange of its own: whoever gets hold of a ticket's key could read what was said.
            if (LibSsl.SSL_version(ssl) != LibSsl.Tls13) return 0;
            return keys.Seal(new Span<byte>(name, TicketKey.NameLength), new Span<byte>(initialVector, TicketKey.VectorLength), cipher, mac);
        }
        catch (Exception)
        {
            return -1;
        }
    }

    /// <summary>SSL_CTX_set_cert_verify_callback(3ssl): 1 trusts the client's certificate.</summary>
    [UnmanagedCallersOnly]
    public static int ClientCertificate(nint verification, nint unused)
    {
        // .NET's own calls to OpenSSL leave the thread's queue of errors as this call found it.
        _ = LibCrypto.ERR_set_mark();
        var error = LibCrypto.CertificateRejected;
        try
        {
            var connection = OpenSslConnection.Active!;
            var certificate = Managed(LibCrypto.X509_STORE_CTX_get0_cert(verification));
            var others = LibCrypto.X509_STORE_CTX_get0_untrusted(verification);
            var intermediates = new X509Certificate2Collection();
            for (var i = 0; i < Math.Min(LibCrypto.OPENSSL_sk_num(others), MostIntermediates); i++) intermediates.Add(Managed(LibCrypto.OPENSSL_sk_value(others, i)));
            error = connection.Acceptor.ClientTrust!.Judge(certificate, intermediates) switch
            {
                ClientCertificateVerdict.Good => 0,
                ClientCertificateVerdict.Expired => LibCrypto.CertificateExpired,
                ClientCertificateVerdict.UnknownAuthority => LibCrypto.NoIssuer,
                _ => LibCrypto.CertificateRejected,
            };
            if (error == 0) connection.ClientCertificate = certificate;
        }
        catch (Exception)
        {
            error = LibCrypto.CertificateRejected;
        }

        _ = LibCrypto.ERR_pop_to_mark();
        LibCrypto.X509_STORE_CTX_set_error(verification, error);
        return error == 0 ? 1 : 0;
    }

    /// <summary>
    /// The name in the extension server_name (RFC 6066 §3): a list with one name of type 0. Empty for anything else; OpenSSL refuses what is
    /// malformed.
    /// </summary>
    public static string HostName(ReadOnlySpan<byte> extension)
    {
        const int head = 5, most = 255;
        if (extension.Length <= head || extension[2] != 0) return string.Empty;
        var list = (extension[0] << 8) | extension[1];
        var length = (extension[3] << 8) | extension[4];
        if (list != extension.Length - 2 || length != extension.Length - head || length > most) return string.Empty;
        return Encoding.Latin1.GetString(extension[head..]);
    }

    private static X509Certificate2 Managed(nint native)
    {
        var length = LibCrypto.i2d_X509(native, null);
        if (length <= 0) throw new InvalidDataException("i2d_X509 failed.");
        var der = new byte[length];
        fixed (byte* octets = der)
        {
            var position = octets;
            _ = LibCrypto.i2d_X509(native, &position);
        }

        return X509CertificateLoader.LoadCertificate(der);
    }
}
