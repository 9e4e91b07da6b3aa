using System.Runtime.InteropServices;

namespace Portcullis.Gateway.Connections.Tls.OpenSsl;

/// <summary>What is called of OpenSSL's libcrypto, version 3, with the manual page (section 3ssl) of each function. Nothing here checks a result.</summary>
internal static unsafe partial class LibCrypto
{
    public const string Name = "libcrypto.so.3";

    // BIO_ctrl(3ssl).
    public const int ControlFlush = 11;

    /// <summary>BIO_set_flags, BIO_should_retry(3ssl): the call is to be made again when there is something to read.</summary>
    public const int RetryRead = 0x01 | 0x08;

    /// <summary>The same where there is no room to write.</summary>
    public const int RetryWrite = 0x02 | 0x08;

    /// <summary>BIO_get_new_index(3ssl): a source and sink of our own.</summary>
    public const int TypeSourceSink = 0x0400;

    // X509_STORE_CTX_set_error(3ssl); each leads to an alert of its own.
    public const int CertificateExpired = 10;
    public const int NoIssuer = 20;
    public const int CertificateRejected = 28;

    /// <summary>OpenSSL_version_num(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial nuint OpenSSL_version_num();

    /// <summary>ERR_peek_error(3ssl): 0 where the thread's queue is empty.</summary>
    [LibraryImport(Name)]
    [SuppressGCTransition]
    public static partial nuint ERR_peek_error();

    /// <summary>ERR_get_error(3ssl): takes the oldest out of the queue.</summary>
    [LibraryImport(Name)]
    public static partial nuint ERR_get_error();

    /// <summary>ERR_clear_error(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial void ERR_clear_error();

    /// <summary>ERR_set_mark(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial int ERR_set_mark();

    /// <summary>ERR_pop_to_mark(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial int ERR_pop_to_mark();

    /// <summary>ERR_error_string_n(3ssl): cut to the length, with a 0 at the end.</summary>
    [LibraryImport(Name)]
    public static partial void ERR_error_string_n(nuint error, byte* text, nuint length);

    /// <summary>BIO_meth_new(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial nint BIO_meth_new(int type, byte* name);

    /// <summary>BIO_meth_set_read_ex(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial int BIO_meth_set_read_ex(nint method, delegate* unmanaged<nint, byte*, nuint, nuint*, int> read);

    /// <summary>BIO_meth_set_write_ex(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial int BIO_meth_set_write_ex(nint method, delegate* unmanaged<nint, byte*, nuint, nuint*, int> write);

    /// <summary>BIO_meth_set_ctrl(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial int BIO_meth_set_ctrl(nint method, delegate* unmanaged<nint, int, nint, nint, nint> control);

    /// <summary>BIO_new(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial nint BIO_new(nint method);

    /// <summary>BIO_set_init, BIO_get_data(3ssl): it is ready for use.</summary>
    [LibraryImport(Name)]
    public static partial void BIO_set_init(nint bio, int isReady);

    /// <summary>BIO_set_flags, BIO_should_retry(3ssl).</summary>
    [LibraryImport(Name)]
    [SuppressGCTransition]
    public static partial void BIO_set_flags(nint bio, int flags);

    /// <summary>BIO_clear_flags, BIO_should_retry(3ssl).</summary>
    [LibraryImport(Name)]
    [SuppressGCTransition]
    public static partial void BIO_clear_flags(nint bio, int flags);

    /// <summary>d2i_X509(3ssl): owned by the caller; moves the pointer on.</summary>
    [LibraryImport(Name)]
    public static partial nint d2i_X509(nint reuse, byte** octets, nint length);

    /// <summary>d2i_X509(3ssl): the octets that it takes, written where there is a place for them.</summary>
    [LibraryImport(Name)]
    public static partial int i2d_X509(nint certificate, byte** octets);

    /// <summary>X509_free, X509_new(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial void X509_free(nint certificate);

    /// <summary>X509_STORE_CTX_get0_cert, X509_STORE_CTX_new(3ssl): not the caller's.</summary>
    [LibraryImport(Name)]
    public static partial nint X509_STORE_CTX_get0_cert(nint verification);

    /// <summary>X509_STORE_CTX_get0_untrusted, X509_STORE_CTX_new(3ssl): a stack that is not the caller's.</summary>
    [LibraryImport(Name)]
    public static partial nint X509_STORE_CTX_get0_untrusted(nint verification);

    /// <summary>X509_STORE_CTX_set_error, X509_STORE_CTX_get_error(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial void X509_STORE_CTX_set_error(nint verification, int error);

    /// <summary>OPENSSL_sk_num, DEFINE_STACK_OF(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial int OPENSSL_sk_num(nint stack);

    /// <summary>OPENSSL_sk_value, DEFINE_STACK_OF(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial nint OPENSSL_sk_value(nint stack, int index);

    /// <summary>EVP_CIPHER_fetch, EVP_EncryptInit(3ssl): owned by the caller.</summary>
    [LibraryImport(Name, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint EVP_CIPHER_fetch(nint library, string name, nint properties);

    /// <summary>EVP_CipherInit_ex2, EVP_EncryptInit(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial int EVP_CipherInit_ex2(nint context, nint cipher, byte* key, byte* initialVector, int isEncrypting, nint parameters);

    /// <summary>EVP_MAC_CTX_set_params, EVP_MAC(3ssl).</summary>
    [LibraryImport(Name)]
    public static partial int EVP_MAC_CTX_set_params(nint context, OpenSslParameter* parameters);
}
