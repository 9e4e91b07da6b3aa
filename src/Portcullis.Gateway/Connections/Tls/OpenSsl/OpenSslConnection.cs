using System.Net.Security;
using System.Runtime.ExceptionServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Portcullis.Gateway.EventLoops;

namespace Portcullis.Gateway.Connections.Tls.OpenSsl;

/// <summary>
/// The server's side of a TLS connection over a socket of an event loop; nothing blocks. One at a time may receive and one may send, on
/// whatever threads: an SSL object bears one call at a time, so each is made under a lock, and none lasts longer than a record or a signature.
/// </summary>
internal sealed unsafe class OpenSslConnection : IDisposable
{
    // Two buffers of OpenSSL's between two looks at other connections; more than that only a flood without content brings.
    private const int MostReceives = 4;

    // Octets without content (KeyUpdate, empty records, hellos of a renegotiation) that a client may send for nothing, and for each octet of
    // content: a record of one octet is 22 octets longer.
    private const int MostIdleOctets = 64 * 1024;
    private const int IdleOctetsPerOctet = 32;

    [ThreadStatic]
    private static OpenSslConnection? active;

    private readonly LoopSocket socket;
    private readonly OpenSslAcceptor acceptor;
    private readonly Lock sync = new();
    private readonly SslHandle handle;
    private readonly nint ssl;
    private ReadOnlyMemory<byte> early;
    private HelloGuard guard;
    private HeldFlight held;
    private Exception? failure; // of the socket, during a call
    private long idleOctets;
    private int receives;
    private bool isEstablished;
    private bool isWriting;
    private bool isBroken;
    private bool sawEnd;
    private bool hasEnded;
    private volatile bool hasPending;
    private volatile bool isYielding;

    /// <param name="socket">Stays the caller's.</param>
    /// <param name="acceptor">What the listener had when the connection came.</param>
    /// <param name="keys">The listener's.</param>
    /// <param name="early">What was received before.</param>
    public OpenSslConnection(LoopSocket socket, OpenSslAcceptor acceptor, TicketKeys keys, ReadOnlyMemory<byte> early)
    {
        this.socket = socket;
        this.acceptor = acceptor;
        this.early = early;
        Keys = keys;
        handle = acceptor.Default.CreateSsl();
        ssl = handle.DangerousGetHandle();
        var bio = SocketBio.Create();
        if (bio == 0)
        {
            handle.Dispose();
            throw new IOException("BIO_new failed.");
        }

        LibSsl.SSL_set_bio(ssl, bio, bio);
        LibSsl.SSL_set_accept_state(ssl);
    }

    /// <summary>The connection whose call to OpenSSL this thread is in: that is how what OpenSSL calls back knows whom it is about.</summary>
    public static OpenSslConnection? Active => active;

    public OpenSslAcceptor Acceptor => acceptor;

    public TicketKeys Keys { get; }

    /// <summary>The name that the client asked for; empty where it named none.</summary>
    public string ServerName { get; private set; } = string.Empty;

    /// <summary>What the client showed, once judged good.</summary>
    public X509Certificate2? ClientCertificate { get; set; }

    /// <summary>Whether the TCP connection ended without close_notify: what came last may have been cut (RFC 8446 §6.1).</summary>
    public bool IsTruncated { get; private set; }

    /// <summary>Whether others are to have a turn before the next try.</summary>
    public bool IsYielding => isYielding;

    /// <summary>Whether a receive is worth a try.</summary>
    public bool MayHaveInput => hasPending || hasEnded || socket.MayHaveInput;

    /// <summary>What was agreed on; good between the handshake and <see cref="Dispose"/>.</summary>
    public TlsFacts ReadFacts()
    {
        lock (sync)
        {
            byte* protocol;
            uint length;
            LibSsl.SSL_get0_alpn_selected(ssl, &protocol, &length);
            return new TlsFacts(
                LibSsl.SSL_version(ssl) == LibSsl.Tls13 ? SslProtocols.Tls13 : SslProtocols.Tls12,
                (TlsCipherSuite)LibSsl.SSL_CIPHER_get_protocol_id(LibSsl.SSL_get_current_cipher(ssl)),
                ApplicationProtocols.Known(new ReadOnlySpan<byte>(protocol, (int)length)),
                ServerName,
                LibSsl.SSL_session_reused(ssl) != 0);
        }
    }

    /// <summary>Goes on with the handshake as far as can be.</summary>
    /// <param name="problem">Why it failed.</param>
    /// <exception cref="System.Net.Sockets.SocketException">The connection is broken.</exception>
    public HandshakeStep ShakeHands(out string problem)
    {
        problem = string.Empty;
        lock (sync)
        {
            if (isEstablished) return held.TryFlush(socket) ? HandshakeStep.Done : HandshakeStep.NeedsRoom;
            Begin();
            var result = LibSsl.SSL_do_handshake(ssl);
            active = null;
            if (result == 1)
            {
                isEstablished = true;
                idleOctets = 0;
                hasPending = LibSsl.SSL_has_pending(ssl) != 0;

                // Tickets are all that is held in TLS 1.3: where a request is there already they go with its answer.
                if (hasPending && LibSsl.SSL_version(ssl) == LibSsl.Tls13) return HandshakeStep.Done;
                return held.TryFlush(socket) ? HandshakeStep.Done : HandshakeStep.NeedsRoom;
            }

            var error = Judge(result);
            if (error == LibSsl.ErrorSsl) problem = OpenSslErrors.Take();
            else if (error != LibSsl.ErrorWantRead) problem = sawEnd ? "the client has gone" : "no reason given";
            var isFlushed = held.TryFlush(socket);
            if (error == LibSsl.ErrorWantRead) return isFlushed ? HandshakeStep.NeedsInput : HandshakeStep.NeedsRoom;
            isBroken = true;
            return HandshakeStep.Failed;
        }
    }

    /// <summary>Sends what is still held of the handshake, as far as there is room: before a wait for the client.</summary>
    public void Flush()
    {
        if (held.IsEmpty) return;
        lock (sync)
        {
            // Who waits for room must not miss it.
            ObjectDisposedException.ThrowIf(handle.IsClosed, this);
            if (!isWriting) held.TryFlush(socket);
        }
    }

    /// <summary>Receives what is there.</summary>
    /// <param name="into">Not empty.</param>
    /// <returns>Octets received, 0 at the end of the stream, -1 where nothing is there yet.</returns>
    /// <exception cref="IOException">The connection is broken.</exception>
    public int TryReceive(Span<byte> into)
    {
        lock (sync)
        {
            if (hasEnded) return 0;
            Begin();
            int length;
            fixed (byte* octets = into) length = LibSsl.SSL_read(ssl, octets, into.Length);
            active = null;
            isYielding = receives > MostReceives;
            if (length > 0)
            {
                idleOctets = Math.Max(0, idleOctets - ((long)length * IdleOctetsPerOctet));
                hasPending = LibSsl.SSL_has_pending(ssl) != 0;
                return length;
            }

            hasPending = false;
            switch (Judge(length))
            {
                case LibSsl.ErrorWantRead:
                    return -1;
                case LibSsl.ErrorZeroReturn:
                    hasEnded = true;
                    return 0;
                case LibSsl.ErrorSystemCall when sawEnd:
                    hasEnded = true;
                    IsTruncated = true;
                    return 0;
                case LibSsl.ErrorSsl:
                    throw Broken(OpenSslErrors.Take());
                default:
                    throw Broken("it can't be read");
            }
        }
    }

    /// <summary>Sends a record of it. Where there was no room, the next call must bring the same octets again.</summary>
    /// <returns>Octets sent, -1 where there is no room yet.</returns>
    /// <exception cref="IOException">The connection is broken.</exception>
    public int TrySend(ReadOnlySpan<byte> octets)
    {
        lock (sync)
        {
            if (isBroken) throw Broken("it has failed before");
            Begin();
            int length;
            fixed (byte* from = octets) length = LibSsl.SSL_write(ssl, from, Math.Min(octets.Length, LibSsl.MostPlaintext));
            active = null;
            isWriting = length <= 0;
            if (!isWriting) return length;
            return Judge(length) switch
            {
                LibSsl.ErrorWantWrite => -1,
                LibSsl.ErrorSsl => throw Broken(OpenSslErrors.Take()),
                _ => throw Broken("it can't be written"),
            };
        }
    }

    /// <summary>Sends close_notify; false where there is no room yet.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    public bool TryEndSending()
    {
        lock (sync)
        {
            // Behind half a record it would be nonsense.
            if (isBroken || isWriting) throw Broken("it has failed before");
            Begin();
            var result = LibSsl.SSL_shutdown(ssl);
            active = null;
            if (result >= 0) return true;
            return Judge(result) switch
            {
                LibSsl.ErrorWantWrite => false,
                LibSsl.ErrorSsl => throw Broken(OpenSslErrors.Take()),
                _ => throw Broken("it can't be ended"),
            };
        }
    }

    /// <summary>Frees what OpenSSL holds. From any thread.</summary>
    public void Dispose()
    {
        lock (sync) handle.Dispose();
    }

    /// <summary>Takes over what the certificate of that name says; for the callback that sees the client's first message.</summary>
    public void Select(string serverName)
    {
        ServerName = serverName;
        var context = acceptor.Select(serverName);
        if (!ReferenceEquals(context, acceptor.Default)) context.Attach(ssl);
    }

    /// <summary>For OpenSSL: receives what is there. Never throws.</summary>
    /// <returns>Octets received, 0 at the end, -1 where there is nothing yet or <see cref="failure"/> says why there never will be.</returns>
    public int Receive(Span<byte> into)
    {
        try
        {
            int length;
            if (!early.IsEmpty)
            {
                length = Math.Min(early.Length, into.Length);
                early.Span[..length].CopyTo(into);
                early = early[length..];
            }
            else
            {
                if (++receives > MostReceives) return -1;
                length = socket.TryReceive(into);
            }

            if (length > 0) Count(into[..length]);
            else if (length == 0) sawEnd = true;
            return failure is null ? length : -1;
        }
        catch (Exception e)
        {
            // It must not pass through OpenSSL.
            failure = e;
            return -1;
        }
    }

    /// <summary>For OpenSSL: sends what there is room for. Never throws.</summary>
    /// <returns>Octets sent, -1 where there is no room or <see cref="failure"/> says why there never will be.</returns>
    public int Send(ReadOnlySpan<byte> octets)
    {
        try
        {
            if (!isEstablished) return held.TryHold(octets) ? octets.Length : -1;
            return held.IsEmpty ? socket.TrySend(octets) : held.TrySendBefore(socket, octets);
        }
        catch (Exception e)
        {
            failure = e;
            return -1;
        }
    }

    private void Count(ReadOnlySpan<byte> received)
    {
        if (!isEstablished)
        {
            if (!guard.Admits(received)) failure = new IOException("The client's first message is too large.");
            return;
        }

        idleOctets += received.Length;
        if (idleOctets > MostIdleOctets + LibSsl.MostPlaintext) failure = new IOException("The client sends records without content.");
    }

    private void Begin()
    {
        ObjectDisposedException.ThrowIf(handle.IsClosed, this);
        OpenSslErrors.Clear();
        receives = 0;
        failure = null;
        active = this;
    }

    // What the socket said goes before what OpenSSL makes of it.
    private int Judge(int result)
    {
        var error = LibSsl.SSL_get_error(ssl, result);
        if (failure is null) return error;
        OpenSslErrors.Clear();
        var cause = failure;
        failure = null;
        ExceptionDispatchInfo.Throw(cause);
        return error;
    }

    private IOException Broken(string cause)
    {
        isBroken = true;
        return new IOException($"The TLS connection is broken: {cause}");
    }
}
