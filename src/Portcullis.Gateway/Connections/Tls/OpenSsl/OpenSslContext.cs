using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Win32.SafeHandles;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Connections.Tls.OpenSsl;

/// <summary>
/// An SSL_CTX: one certificate with its chain and key, and everything that handshakes with it go by. Immutable. The key is the one that .NET
/// has loaded, by reference: it never leaves the memory of the process, nor is there a copy. Connections hold on to what they use, so the
/// collector may free it when the listener has another.
/// </summary>
internal sealed unsafe class OpenSslContext : SafeHandleZeroOrMinusOneIsInvalid
{
    // RFC 9325 §4.2: forward secrecy and authenticated encryption only. The suites of TLS 1.3 are all fine.
    private const string Tls12Suites =
        "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:"
        + "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305";

    // In order of preference; OpenSSL before 3.5 does not know the first. Not the finite fields, which OpenSSL takes by itself: 8192 bits cost the
    // server twenty handshakes, and the client nothing (CVE-2002-20001).
    private static readonly string[] Groups = ["X25519MLKEM768:X25519:P-256:X448:P-521:P-384", "X25519:P-256:X448:P-521:P-384"];

    // Octets of a client's certificate with its chain; OpenSSL would take a hundred thousand.
    private const int MostClientCertificates = 32 * 1024;

    private static long live;

    public OpenSslContext(ServerCertificate certificate, ListenerOptions options, X509Certificate2Collection? clientAuthorities)
        : base(ownsHandle: true)
    {
        SetHandle(LibSsl.SSL_CTX_new(LibSsl.TLS_server_method()));
        if (IsInvalid) throw Failure("a context");
        Interlocked.Increment(ref live);
        try
        {
            SetUp(handle, certificate, options.Tls!, clientAuthorities);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Those of the process that are not freed yet.</summary>
    public static long Live => Interlocked.Read(ref live);

    /// <summary>An SSL object for one connection, the caller's.</summary>
    public SslHandle CreateSsl()
    {
        var isHeld = false;
        try
        {
            DangerousAddRef(ref isHeld);
            var ssl = new SslHandle(LibSsl.SSL_new(handle));
            return ssl.IsInvalid ? throw Failure("a connection") : ssl;
        }
        finally
        {
            if (isHeld) DangerousRelease();
        }
    }

    /// <summary>Has a connection go on with this certificate; in its callback for the client's first message alone.</summary>
    public void Attach(nint ssl)
    {
        var isHeld = false;
        try
        {
            DangerousAddRef(ref isHeld);
            if (LibSsl.SSL_set_SSL_CTX(ssl, handle) == 0) throw Failure("another certificate");
        }
        finally
        {
            if (isHeld) DangerousRelease();
        }
    }

    protected override bool ReleaseHandle()
    {
        LibSsl.SSL_CTX_free(handle);
        Interlocked.Decrement(ref live);
        return true;
    }

    private static void SetUp(nint context, ServerCertificate certificate, TlsOptions options, X509Certificate2Collection? clientAuthorities)
    {
        Require(LibSsl.SSL_CTX_ctrl(context, LibSsl.ControlMinimumVersion, options.MinimumVersion == TlsVersion.Tls12 ? LibSsl.Tls12 : LibSsl.Tls13, 0), "the least version");
        Require(LibSsl.SSL_CTX_set_cipher_list(context, Tls12Suites), "the suites");
        Require(Groups.Any(list => LibSsl.SSL_CTX_set1_groups_list(context, list)) ? 1 : 0, "the groups");
        OpenSslErrors.Clear();
        _ = LibSsl.SSL_CTX_set_options(context, LibSsl.OptionNoCompression | LibSsl.OptionNoRenegotiation | LibSsl.OptionServerPreference);
        _ = LibSsl.SSL_CTX_ctrl(
            context,
            LibSsl.ControlMode,
            LibSsl.ModePartialWrite | LibSsl.ModeMovingWriteBuffer | LibSsl.ModeReleaseBuffers | LibSsl.ModeNoAutomaticChain,
            0);

        // A record's head and the rest of it, and what else is there, come with one system call.
        _ = LibSsl.SSL_CTX_ctrl(context, LibSsl.ControlReadAhead, 1, 0);
        LibSsl.SSL_CTX_set_client_hello_cb(context, &OpenSslCallbacks.ClientHello, 0);
        LibSsl.SSL_CTX_set_alpn_select_cb(context, &OpenSslCallbacks.ApplicationProtocol, 0);
        UseCertificate(context, certificate);

        // Nothing is kept here of a session; what is needed for its resumption is in the client's ticket.
        _ = LibSsl.SSL_CTX_ctrl(context, LibSsl.ControlSessionCacheMode, 0, 0);
        if (clientAuthorities is null)
        {
            var certificateId = SHA256.HashData(certificate.Leaf.RawDataMemory.Span);
            fixed (byte* octets = certificateId) Require(LibSsl.SSL_CTX_set_session_id_context(context, octets, (uint)certificateId.Length), "the session context");
            _ = LibSsl.SSL_CTX_set_timeout(context, (nint)TicketKeys.Life.TotalSeconds);
            Require(LibSsl.SSL_CTX_set_tlsext_ticket_key_evp_cb(context, &OpenSslCallbacks.Ticket), "the ticket keys");
            return;
        }

        // A resumed session skips the client's certificate, and would outlive a change of the authorities.
        _ = LibSsl.SSL_CTX_set_options(context, LibSsl.OptionNoTicket);
        Require(LibSsl.SSL_CTX_set_num_tickets(context, 0), "no tickets");
        _ = LibSsl.SSL_CTX_ctrl(context, LibSsl.ControlMaximumCertificateList, MostClientCertificates, 0);
        LibSsl.SSL_CTX_set_verify(
            context,
            options.ClientCertificate == ClientCertificateMode.Required ? LibSsl.VerifyPeer | LibSsl.VerifyFailWithoutCertificate : LibSsl.VerifyPeer,
            0);
        LibSsl.SSL_CTX_set_cert_verify_callback(context, &OpenSslCallbacks.ClientCertificate, 0);
        foreach (var authority in clientAuthorities) Use(authority, native => LibSsl.SSL_CTX_add_client_CA(context, native), "an authority of clients");
    }

    private static void UseCertificate(nint context, ServerCertificate certificate)
    {
        Use(certificate.Leaf, native => LibSsl.SSL_CTX_use_certificate(context, native), "the certificate");
        foreach (var issuer in certificate.Chain)
            Use(issuer, native => (int)LibSsl.SSL_CTX_ctrl(context, LibSsl.ControlChainCertificate, 1, native), "an intermediate certificate");
        using var key = certificate.DuplicateKey();
        Require(LibSsl.SSL_CTX_use_PrivateKey(context, key.DangerousGetHandle()), "the private key");
    }

    private static void Use(X509Certificate2 certificate, Func<nint, int> use, string what)
    {
        nint native;
        var der = certificate.RawDataMemory.Span;
        fixed (byte* octets = der)
        {
            var position = octets;
            native = LibCrypto.d2i_X509(0, &position, der.Length);
        }

        if (native == 0) throw Failure(what);
        try
        {
            Require(use(native), what);
        }
        finally
        {
            // Whoever uses it has a reference of its own.
            LibCrypto.X509_free(native);
        }
    }

    private static void Require(nint result, string what)
    {
        if (result != 1) throw Failure(what);
    }

    private static CryptographicException Failure(string what) => new($"OpenSSL does not take {what}: {OpenSslErrors.Take()}");
}
