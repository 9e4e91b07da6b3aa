using System.Runtime.InteropServices;

namespace Portcullis.Gateway.Connections.Tls.OpenSsl;

/// <summary>
/// What is called of OpenSSL's libssl, version 3, the library that .NET itself uses on Linux. Each function is named with the manual page
/// (section 3ssl) that says what it does and who owns what. Nothing here checks a result.
/// </summary>
internal static unsafe partial class LibSsl
{
    public const string Name = "libssl.so.3";

    // SSL_CTX_ctrl(3ssl): what openssl/ssl.h has as macros.
    public const int ControlMode = 33;
    public const int ControlReadAhead = 41;
    public const int ControlSessionCacheMode = 44;
    public const int ControlMaximumCertificateList = 51;
    public const int ControlChainCertificate = 89;
    public const int ControlGroups = 92;
    public const int ControlMinimumVersion = 123;

    // SSL_CTX_set_mode(3ssl).
    public const int ModePartialWrite = 0x1;
    public const int ModeMovingWriteBuffer = 0x2;
    public const int ModeNoAutomaticChain = 0x8;
    public const int ModeReleaseBuffers = 0x10;

    // SSL_CTX_set_options(3ssl).
    public const ulong OptionNoTicket = 1ul << 14;
    public const ulong OptionNoCompression = 1ul << 17;
    public const ulong OptionServerPreference = 1ul << 22;
    public const ulong OptionNoRenegotiation = 1ul << 30;

    // SSL_CTX_set_verify(3ssl).
    public const int VerifyPeer = 1;
    public const int VerifyFailWithoutCertificate = 2;

    // SSL_get_error(3ssl).
    public const int ErrorSsl = 1;
    public const int ErrorWantRead = 2;
    public const int ErrorWantWrite = 3;
    public const int ErrorSystemCall = 5;
    public const int ErrorZeroReturn = 6;

    public const int Tls12 = 0x0303;
    public const int Tls13 = 0x0304;

    /// <summary>Octets of plain text in a record at most (RFC 8446 §5.1).</summary>
    public const int MostPlaintext = 16 * 1024;

    /// <summary>SSL_CTX_new(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial nint TLS_server_method();

    /// <summary>SSL_CTX_new(3ssl): owned by the caller.</summary>
    [LibraryImport(Name)]
    public static partial nint SSL_CTX_new(nint method);

    /// <summary>SSL_CTX_free(3ssl): gives one reference back.</summary>
    [LibraryImport(Name)]
    public static partial void SSL_CTX_free(nint context);

    /// <summary>SSL_CTX_ctrl(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial nint SSL_CTX_ctrl(nint context, int command, nint number, nint pointer);

    /// <summary>SSL_CTX_ctrl(3ssl) for what takes text.</summary>
    [LibraryImport(Name, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint SSL_CTX_ctrl(nint context, int command, nint number, string text);

    /// <summary>SSL_CTX_set1_groups_list(3ssl), a macro; false where a group is not known.</summary>
    public static bool SSL_CTX_set1_groups_list(nint context, string groups) => SSL_CTX_ctrl(context, ControlGroups, 0, groups) == 1;

    /// <summary>SSL_CTX_set_options(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial ulong SSL_CTX_set_options(nint context, ulong options);

    /// <summary>SSL_CTX_set_timeout(3ssl): seconds that a session may be resumed.</summary>
    [LibraryImport(Name)]
    public static partial nint SSL_CTX_set_timeout(nint context, nint seconds);

    /// <summary>SSL_CTX_set_num_tickets(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial int SSL_CTX_set_num_tickets(nint context, nint count);

    /// <summary>SSL_CTX_set_cipher_list(3ssl): suites of TLS 1.2.</summary>
    [LibraryImport(Name, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SSL_CTX_set_cipher_list(nint context, string suites);

    /// <summary>SSL_CTX_use_certificate(3ssl): takes a reference of its own.</summary>
    [LibraryImport(Name)]
    public static partial int SSL_CTX_use_certificate(nint context, nint certificate);

    /// <summary>SSL_CTX_use_PrivateKey(3ssl): takes a reference of its own; fails where the key is not the certificate's.</summary>
    [LibraryImport(Name)]
    public static partial int SSL_CTX_use_PrivateKey(nint context, nint key);

    /// <summary>SSL_CTX_add_client_CA(3ssl): copies the name.</summary>
    [LibraryImport(Name)]
    public static partial int SSL_CTX_add_client_CA(nint context, nint authority);

    /// <summary>SSL_CTX_set_verify(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial void SSL_CTX_set_verify(nint context, int mode, nint callback);

    /// <summary>SSL_CTX_set_cert_verify_callback(3ssl): what judges the peer's chain instead of OpenSSL.</summary>
    [LibraryImport(Name)]
    public static partial void SSL_CTX_set_cert_verify_callback(nint context, delegate* unmanaged<nint, nint, int> callback, nint argument);

    /// <summary>SSL_CTX_set_client_hello_cb(3ssl): comes before anything of the message is acted on.</summary>
    [LibraryImport(Name)]
    public static partial void SSL_CTX_set_client_hello_cb(nint context, delegate* unmanaged<nint, int*, nint, int> callback, nint argument);

    /// <summary>SSL_CTX_set_alpn_select_cb(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial void SSL_CTX_set_alpn_select_cb(nint context, delegate* unmanaged<nint, byte**, byte*, byte*, uint, nint, int> callback, nint argument);

    /// <summary>SSL_CTX_set_tlsext_ticket_key_evp_cb(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial int SSL_CTX_set_tlsext_ticket_key_evp_cb(nint context, delegate* unmanaged<nint, byte*, byte*, nint, nint, int, int> callback);

    /// <summary>SSL_new(3ssl): owned by the caller; keeps a reference to the context.</summary>
    [LibraryImport(Name)]
    public static partial nint SSL_new(nint context);

    /// <summary>SSL_free(3ssl), with the BIO that it was given.</summary>
    [LibraryImport(Name)]
    public static partial void SSL_free(nint ssl);

    /// <summary>SSL_set_bio(3ssl): one and the same for both directions takes over one reference.</summary>
    [LibraryImport(Name)]
    public static partial void SSL_set_bio(nint ssl, nint read, nint write);

    /// <summary>SSL_set_accept_state(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial void SSL_set_accept_state(nint ssl);


    /// <summary>SSL_CTX_set_session_id_context(3ssl): sessions of another one are not resumed. 32 octets at most.</summary>
    [LibraryImport(Name)]
    public static partial int SSL_CTX_set_session_id_context(nint context, byte* octets, uint length);

    /// <summary>SSL_set_SSL_CTX: takes over the context's certificate (named, without a page, in SSL_CTX_set_tlsext_servername_callback(3ssl)).</summary>
    [LibraryImport(Name)]
    public static partial nint SSL_set_SSL_CTX(nint ssl, nint context);

    /// <summary>SSL_client_hello_get0_ext(3ssl): good during the callback alone.</summary>
    [LibraryImport(Name)]
    public static partial int SSL_client_hello_get0_ext(nint ssl, uint type, byte** octets, nuint* length);

    /// <summary>SSL_do_handshake(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial int SSL_do_handshake(nint ssl);

    /// <summary>SSL_read(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial int SSL_read(nint ssl, byte* into, int length);

    /// <summary>SSL_write(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial int SSL_write(nint ssl, byte* from, int length);

    /// <summary>SSL_shutdown(3ssl): sends close_notify.</summary>
    [LibraryImport(Name)]
    public static partial int SSL_shutdown(nint ssl);

    /// <summary>SSL_get_error(3ssl): looks at the thread's queue of errors, too.</summary>
    [LibraryImport(Name)]
    public static partial int SSL_get_error(nint ssl, int result);

    /// <summary>SSL_has_pending(3ssl). Reads two counters.</summary>
    [LibraryImport(Name)]
    [SuppressGCTransition]
    public static partial int SSL_has_pending(nint ssl);

    /// <summary>SSL_get_version(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial int SSL_version(nint ssl);

    /// <summary>SSL_get_current_cipher(3ssl): the library's.</summary>
    [LibraryImport(Name)]
    public static partial nint SSL_get_current_cipher(nint ssl);

    /// <summary>SSL_CIPHER_get_protocol_id(3ssl): the suite's number in the registry of IANA.</summary>
    [LibraryImport(Name)]
    public static partial ushort SSL_CIPHER_get_protocol_id(nint cipher);

    /// <summary>SSL_get0_alpn_selected(3ssl): the connection's.</summary>
    [LibraryImport(Name)]
    public static partial void SSL_get0_alpn_selected(nint ssl, byte** octets, uint* length);

    /// <summary>SSL_session_reused(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial int SSL_session_reused(nint ssl);
}
