using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Portcullis.Gateway.Connections.Tls.OpenSsl;

namespace Portcullis.Gateway.Tests.Connections.Tls.OpenSsl;

/// <summary>A client over OpenSSL with a socket that blocks: does what .NET's own can't be had to do, such as change keys or show a chosen ticket.</summary>
internal sealed unsafe partial class OpenSslClient : IDisposable
{
    private const int ControlServerName = 55;
    private const int ControlMinimumVersion = 123;
    private const int ControlMaximumVersion = 124;
    private const int Milliseconds = 30_000; // far longer than anything takes

    private readonly Socket socket;
    private readonly nint context;
    private readonly nint ssl;

    /// <param name="server">The server.</param>
    /// <param name="host">The name to ask for; null for none.</param>
    /// <param name="session">One to come back by; 0 for none.</param>
    /// <param name="version">The only version; 0 for any.</param>
    /// <param name="protocols">For ALPN, each with its length before it.</param>
    /// <param name="groups">The groups for keys, the first with a key in the first message; null for OpenSSL's.</param>
    public OpenSslClient(IPEndPoint server, string? host = null, nint session = 0, int version = 0, string protocols = "", string? groups = null)
    {
        socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, SendTimeout = Milliseconds, ReceiveTimeout = Milliseconds };
        socket.Connect(server);
        context = SSL_CTX_new(TLS_client_method());
        if (version != 0)
        {
            _ = LibSsl.SSL_CTX_ctrl(context, ControlMinimumVersion, version, 0);
            _ = LibSsl.SSL_CTX_ctrl(context, ControlMaximumVersion, version, 0);
        }

        ssl = LibSsl.SSL_new(context);
        _ = SSL_set_fd(ssl, (int)socket.SafeHandle.DangerousGetHandle());
        if (groups is not null) Assert.Equal(1, SSL_ctrl(ssl, 92, 0, Marshal.StringToCoTaskMemUTF8(groups)));
        if (host is not null) Assert.Equal(1, SSL_ctrl(ssl, ControlServerName, 0, Marshal.StringToCoTaskMemUTF8(host)));
        if (session != 0) Assert.Equal(1, SSL_set_session(ssl, session));
        if (protocols.Length > 0)
        {
            var octets = Encoding.Latin1.GetBytes(protocols);
            fixed (byte* list = octets) Assert.Equal(0, SSL_set_alpn_protos(ssl, list, (uint)octets.Length));
        }

        IsConnected = Until(() => SSL_connect(ssl)) == 1;
        if (!IsConnected) Problem = OpenSslErrors.Take();
    }

    /// <summary>Whether the handshake succeeded.</summary>
    public bool IsConnected { get; }

    /// <summary>Why it did not, by the library and the server's alert.</summary>
    public string Problem { get; } = string.Empty;

    public Socket Socket => socket;

    public bool IsResumed => LibSsl.SSL_session_reused(ssl) != 0;

    /// <summary>What was agreed on by ALPN.</summary>
    public string Protocol
    {
        get
        {
            byte* octets;
            uint length;
            LibSsl.SSL_get0_alpn_selected(ssl, &octets, &length);
            return length == 0 ? string.Empty : Encoding.Latin1.GetString(octets, (int)length);
        }
    }

    /// <summary>Sends; false where the connection is broken.</summary>
    public bool Send(string text)
    {
        var octets = Encoding.Latin1.GetBytes(text);
        LibCrypto.ERR_clear_error();
        fixed (byte* from = octets)
        {
            var start = (nint)from;
            return Until(() => LibSsl.SSL_write(ssl, (byte*)start, octets.Length)) == octets.Length;
        }
    }

    /// <summary>Receives some; empty at the end or where the connection is broken.</summary>
    public string Receive()
    {
        var buffer = stackalloc byte[16384];
        var start = (nint)buffer;
        LibCrypto.ERR_clear_error();
        var length = Until(() => LibSsl.SSL_read(ssl, (byte*)start, 16384));
        return length > 0 ? Encoding.Latin1.GetString(buffer, length) : string.Empty;
    }

    /// <summary>One response with a short body; what came of it where the connection broke.</summary>
    public string Ask(string target = "/")
    {
        if (!Send($"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n")) return string.Empty;
        var answer = Receive();
        while (answer.Length > 0 && !answer.Contains("body=", StringComparison.Ordinal))
        {
            var more = Receive();
            if (more.Length == 0) break;
            answer += more;
        }

        return answer;
    }

    /// <summary>SSL_key_update(3ssl), and the message sent; false where the connection is broken.</summary>
    public bool UpdateKeys(bool asksServer)
    {
        LibCrypto.ERR_clear_error();
        return SSL_key_update(ssl, asksServer ? 1 : 0) == 1 && Until(() => LibSsl.SSL_do_handshake(ssl)) == 1;
    }

    /// <summary>SSL_renegotiate(3ssl); whether it succeeded.</summary>
    public bool Renegotiate()
    {
        LibCrypto.ERR_clear_error();
        return SSL_renegotiate(ssl) == 1 && Until(() => LibSsl.SSL_do_handshake(ssl)) == 1 && Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") && Receive().Length > 0;
    }

    /// <summary>Sends close_notify.</summary>
    public void EndSending() => _ = LibSsl.SSL_shutdown(ssl);

    /// <summary>The session, to come back by; the caller's reference. To be asked for when an answer has come, and with it the ticket.</summary>
    public nint TakeSession() => SSL_get1_session(ssl);

    public static void FreeSession(nint session) => SSL_SESSION_free(session);

    public void Dispose()
    {
        LibSsl.SSL_free(ssl);
        LibSsl.SSL_CTX_free(context);
        socket.Dispose();
    }

    // A system call with a time-out ends at a signal, too (signal(7)), of which the runtime has some.
    private int Until(Func<int> call)
    {
        var start = Environment.TickCount64;
        while (true)
        {
            var result = call();
            if (result > 0 || LibSsl.SSL_get_error(ssl, result) is not (LibSsl.ErrorWantRead or LibSsl.ErrorWantWrite)) return result;
            if (Environment.TickCount64 - start > Milliseconds) return result;
        }
    }

    [LibraryImport(LibSsl.Name)]
    private static partial nint TLS_client_method();

    [LibraryImport(LibSsl.Name)]
    private static partial nint SSL_CTX_new(nint method);

    [LibraryImport(LibSsl.Name)]
    private static partial int SSL_set_fd(nint ssl, int file);

    [LibraryImport(LibSsl.Name)]
    private static partial int SSL_connect(nint ssl);

    [LibraryImport(LibSsl.Name)]
    private static partial nint SSL_ctrl(nint ssl, int command, nint number, nint pointer);

    [LibraryImport(LibSsl.Name)]
    private static partial int SSL_set_alpn_protos(nint ssl, byte* protocols, uint length);

    [LibraryImport(LibSsl.Name)]
    private static partial int SSL_key_update(nint ssl, int type);

    [LibraryImport(LibSsl.Name)]
    private static partial int SSL_renegotiate(nint ssl);

    [LibraryImport(LibSsl.Name)]
    private static partial nint SSL_get1_session(nint ssl);

    [LibraryImport(LibSsl.Name)]
    private static partial int SSL_set_session(nint ssl, nint session);

    [LibraryImport(LibSsl.Name)]
    private static partial void SSL_SESSION_free(nint session);
}
