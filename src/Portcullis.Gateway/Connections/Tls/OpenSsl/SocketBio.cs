using System.Runtime.InteropServices;

namespace Portcullis.Gateway.Connections.Tls.OpenSsl;

/// <summary>
/// What OpenSSL reads from and writes to: the socket of the connection whose call it is in (<see cref="OpenSslConnection.Active"/>). A BIO of
/// OpenSSL's own would do the same system calls, but not tell whether the socket has more, and could not begin with octets that came before.
/// </summary>
internal static unsafe class SocketBio
{
    private static readonly nint Method = CreateMethod();

    /// <summary>A BIO for both directions of a connection.</summary>
    public static nint Create()
    {
        var bio = LibCrypto.BIO_new(Method);
        if (bio != 0) LibCrypto.BIO_set_init(bio, 1);
        return bio;
    }

    private static nint CreateMethod()
    {
        nint method;
        fixed (byte* name = "socket\0"u8) method = LibCrypto.BIO_meth_new(LibCrypto.TypeSourceSink, name);
        if (method == 0) throw new IOException("BIO_meth_new failed.");
        _ = LibCrypto.BIO_meth_set_read_ex(method, &Read);
        _ = LibCrypto.BIO_meth_set_write_ex(method, &Write);
        _ = LibCrypto.BIO_meth_set_ctrl(method, &Control);
        return method;
    }

    // BIO_meth_new(3ssl): 1 for success; -1 with a flag that says to try again; 0 at the end.
    [UnmanagedCallersOnly]
    private static int Read(nint bio, byte* into, nuint length, nuint* received)
    {
        *received = 0;
        var connection = OpenSslConnection.Active;
        if (connection is null) return 0;
        LibCrypto.BIO_clear_flags(bio, LibCrypto.RetryRead | LibCrypto.RetryWrite);
        var count = connection.Receive(new Span<byte>(into, (int)Math.Min(length, int.MaxValue)));
        if (count > 0)
        {
            *received = (nuint)count;
            return 1;
        }

        if (count < 0) LibCrypto.BIO_set_flags(bio, LibCrypto.RetryRead);
        return count;
    }

    [UnmanagedCallersOnly]
    private static int Write(nint bio, byte* from, nuint length, nuint* sent)
    {
        *sent = 0;
        var connection = OpenSslConnection.Active;
        if (connection is null) return 0;
        LibCrypto.BIO_clear_flags(bio, LibCrypto.RetryRead | LibCrypto.RetryWrite);
        var count = connection.Send(new ReadOnlySpan<byte>(from, (int)Math.Min(length, int.MaxValue)));
        if (count > 0)
        {
            *sent = (nuint)count;
            return 1;
        }

        LibCrypto.BIO_set_flags(bio, LibCrypto.RetryWrite);
        return -1;
    }

    // Nothing is held back here, so there is nothing to flush. For the rest 0 is "no", an end included: what that means is our own to judge.
    [UnmanagedCallersOnly]
    private static nint Control(nint bio, int command, nint number, nint pointer) => command == LibCrypto.ControlFlush ? 1 : 0;
}
