using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Portcullis.Gateway.Connections.Tls.OpenSsl;

/// <summary>
/// A listener's session ticket keys, replaced again and again (RFC 9325 §3.4): who gets hold of one can open the tickets of its time and pass
/// for the server before the clients that hold them. What was said stays secret even so, because a resumption has a key exchange of its own
/// (psk_dhe_ke, RFC 8446 §4.2.9). One key seals; that of before opens until its last ticket has ended, then there is none of it any more.
/// Thread safe.
/// </summary>
internal sealed unsafe class TicketKeys : IDisposable
{
    /// <summary>How long a ticket is good. Each resumption brings a new one.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromHours(2);

    /// <summary>How long a key seals. RFC 9325 §3.4 asks for a week at most.</summary>
    public static readonly TimeSpan Period = Life * LivesPerPeriod;

    private const int LivesPerPeriod = 6;

    private readonly string listener;
    private readonly ILogger logger;
    private readonly Lock sync = new();
    private TicketKey current = new();
    private TicketKey? previous;
    private ITimer? timer;
    private int lives;

    public TicketKeys(string listener, ILogger logger)
    {
        this.listener = listener;
        this.logger = logger;
    }

    /// <summary>Begins to replace the keys.</summary>
    public void Start(TimeProvider time)
    {
        lock (sync) timer ??= time.CreateTimer(static state => ((TicketKeys)state!).EndLife(), this, Life, Life);
    }

    /// <summary>For OpenSSL's callback: keys for a new ticket.</summary>
    public int Seal(Span<byte> name, Span<byte> initialVector, nint cipher, nint mac)
    {
        RandomNumberGenerator.Fill(initialVector);
        lock (sync)
        {
            current.Name.CopyTo(name);
            fixed (byte* vector = initialVector) return current.TryApply(vector, cipher, mac, isSealing: true) ? 1 : -1;
        }
    }

    /// <summary>For OpenSSL's callback: the keys of a ticket, if they are still good.</summary>
    public int Open(ReadOnlySpan<byte> name, byte* initialVector, nint cipher, nint mac)
    {
        const int good = 1, goodButOld = 2;
        lock (sync)
        {
            // Names are no secret: they are in each ticket.
            if (name.SequenceEqual(current.Name)) return current.TryApply(initialVector, cipher, mac, isSealing: false) ? good : 0;
            if (previous is null || !name.SequenceEqual(previous.Name)) return 0;
            return previous.TryApply(initialVector, cipher, mac, isSealing: false) ? goodButOld : 0;
        }
    }

    public void Dispose()
    {
        lock (sync)
        {
            timer?.Dispose();
            timer = null;
            previous?.Dispose();
            current.Dispose();
        }
    }

    private void EndLife()
    {
        lock (sync)
        {
            if (timer is null) return;
            previous?.Dispose();
            previous = null;
            if (++lives < LivesPerPeriod) return;
            lives = 0;
            previous = current;
            current = new TicketKey();
        }

        ConnectionLog.TicketKeysReplaced(logger, listener);
    }
}
