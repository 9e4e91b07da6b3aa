using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections.Tls.OpenSsl;
using Portcullis.Gateway.EventLoops;

namespace Portcullis.Gateway.Connections.Tls;

/// <summary>
/// The certificates of one listener: loaded, chosen for each handshake, and loaded again when their files change. A change that does not
/// load leaves the last good ones in use and shows in <see cref="LastProblem"/>. Thread safe.
/// </summary>
internal sealed class CertificateStore : IDisposable
{
    private readonly string listener;
    private readonly Func<X509Certificate2>? development;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly TicketKeys ticketKeys;
    private readonly Lock sync = new();
    private volatile TlsState state;
    private ListenerOptions options;
    private string digest;
    private IReadOnlyList<string> warnings;
    private CertificateWatch? watch;

    private CertificateStore(string listener, ListenerOptions options, TlsState state, string digest, IReadOnlyList<string> warnings, Func<X509Certificate2>? development, TimeProvider time, ILogger logger)
    {
        this.listener = listener;
        this.options = options;
        this.state = state;
        this.digest = digest;
        this.warnings = warnings;
        this.development = development;
        this.time = time;
        this.logger = logger;
        ticketKeys = new TicketKeys(listener, logger);
    }

    /// <summary>The certificates in use; the first is that of clients that name no known host.</summary>
    public IReadOnlyList<CertificateStatus> Certificates => state.Certificates;

    /// <summary>Why the files as they are now can't be used; null while they are in use.</summary>
    public string? LastProblem { get; private set; }

    /// <summary>Loads the certificates that the options name; null, with everything that is wrong, when that fails.</summary>
    public static CertificateStore? TryCreate(string listener, ListenerOptions options, Func<X509Certificate2>? development, TimeProvider time, ILogger logger, List<string> problems)
    {
        var files = CertificateFiles.Read(options.Tls!);
        var warnings = new List<string>();
        if (!TlsState.TryBuild(options, files, development, time.GetUtcNow(), out var state, problems, warnings)) return null;
        return new CertificateStore(listener, options, state, files.Digest, warnings, development, time, logger);
    }

    /// <summary>Tells what is served, and starts to look for changes of the files and to replace the session ticket keys.</summary>
    public void Watch()
    {
        lock (sync)
        {
            if (watch is not null) return;
            Report();
            watch = new CertificateWatch(listener, CertificateFiles.Paths(options.Tls!), Refresh, time, logger);
            ticketKeys.Start(time);
        }
    }

    /// <summary>
    /// Takes over what <paramref name="prepared"/> loaded for changed options, and disposes it. Where nothing that matters to handshakes
    /// changed, the running state stays.
    /// </summary>
    public void Adopt(CertificateStore prepared)
    {
        lock (sync)
        {
            var stays = LastProblem is null && digest == prepared.digest && AreSame(options, prepared.options) && state.HasSameLeaves(prepared.state);
            options = prepared.options;
            if (!stays)
            {
                state = prepared.state;
                digest = prepared.digest;
                warnings = prepared.warnings;
                LastProblem = null;
                Report();
            }

            watch?.Dispose();
            watch = new CertificateWatch(listener, CertificateFiles.Paths(options.Tls!), Refresh, time, logger);
        }

        prepared.Dispose();
    }

    /// <summary>Reads the files again if their content changed.</summary>
    public void Refresh()
    {
        lock (sync)
        {
            var files = CertificateFiles.Read(options.Tls!);
            if (files.Digest == digest) return;

            // Remembered also when it fails: the same bad content is reported once, not at every look.
            digest = files.Digest;
            var problems = new List<string>();
            var found = new List<string>();
            if (TlsState.TryBuild(options, files, development, time.GetUtcNow(), out var loaded, problems, found))
            {
                state = loaded;
                warnings = found;
                LastProblem = null;
                Report();
            }
            else
            {
                LastProblem = string.Join("; ", problems);
                ConnectionLog.CertificateReloadFailed(logger, listener, LastProblem);
            }
        }
    }

    /// <summary>Shakes hands with the certificates of now; for all else see <see cref="TlsAcceptor.AcceptAsync"/>.</summary>
    public ValueTask<SecureChannel?> AcceptAsync(LoopSocket socket, ReadOnlyMemory<byte> early, CancellationToken cancellationToken)
        => state.Acceptor.AcceptAsync(socket, early, ticketKeys, logger, cancellationToken);

    public void Dispose()
    {
        lock (sync)
        {
            watch?.Dispose();
            watch = null;
            ticketKeys.Dispose();
        }
    }

    private static bool AreSame(ListenerOptions one, ListenerOptions other)
        => one.Tls! with { AdditionalCertificates = [] } == other.Tls! with { AdditionalCertificates = [] }
            && one.Tls!.AdditionalCertificates.SequenceEqual(other.Tls!.AdditionalCertificates)
            && one.Protocols.SequenceEqual(other.Protocols);

    private void Report()
    {
        foreach (var certificate in state.Certificates)
            ConnectionLog.CertificateLoaded(logger, listener, certificate.Subject, certificate.NotAfter, certificate.Source);
        foreach (var warning in warnings) ConnectionLog.CertificateWarning(logger, listener, warning);
    }
}
