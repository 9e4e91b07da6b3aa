using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Portcullis.Gateway.Connections.Tls;

/// <summary>
/// Has a listener's session ticket keys replaced again and again (RFC 9325 §3.4): who gets hold of one can open the tickets of its time and
/// pass for the server before the clients that hold them. What was said stays secret even so, because a resumption has a key exchange of
/// its own (psk_dhe_ke, RFC 8446 §4.2.9). Tickets of before are met with a full handshake; their keys are gone at the replacement that
/// follows the end of the last connection of their time. Only on Linux: elsewhere the keys are the system's.
/// </summary>
internal sealed class TicketKeyRotation : IDisposable
{
    /// <summary>
    /// Six times what OpenSSL lets a ticket live, so that few clients come back with one of before: there is no overlap.
    /// RFC 9325 §3.4 asks for a week at most.
    /// </summary>
    public static readonly TimeSpan Period = TimeSpan.FromHours(12);

    private readonly string listener;
    private readonly Func<X509Certificate2?> replace;
    private readonly ILogger logger;
    private readonly ITimer? timer;

    /// <param name="listener">For the log.</param>
    /// <param name="replace">Replaces the keys; gives the certificate that is served, or null where there are no keys to replace.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where it is told.</param>
    public TicketKeyRotation(string listener, Func<X509Certificate2?> replace, TimeProvider time, ILogger logger)
    {
        this.listener = listener;
        this.replace = replace;
        this.logger = logger;
        if (OperatingSystem.IsLinux()) timer = time.CreateTimer(static state => ((TicketKeyRotation)state!).Rotate(), this, Period, Period);
    }

    public void Dispose() => timer?.Dispose();

    private void Rotate()
    {
        try
        {
            if (replace() is not { } served) return;
            ConnectionLog.TicketKeysReplaced(logger, listener);
            AbandonedContexts.Release(served);
        }
        catch (Exception exception)
        {
            // On a timer's thread it would end the process.
            ConnectionLog.TicketKeysNotReplaced(logger, listener, exception.Message);
        }
    }
}
