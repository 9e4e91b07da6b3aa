namespace Portcullis.Trust.Sealing;

/// <summary>
/// Where the wrapped keys of persons are kept, one for each. A destroyed key leaves a mark, so that no new one is made in its place. Safe from
/// any thread and any process.
/// </summary>
public interface ISubjectKeyStore
{
    /// <summary>The wrapped key of a person: null when there never was one, empty when it was destroyed.</summary>
    ValueTask<byte[]?> FindAsync(string subject, CancellationToken cancellationToken);

    /// <summary>Adds a person's first wrapped key. False, and nothing changed, when there is one or the mark of one: one of several at once wins.</summary>
    ValueTask<bool> TryAddAsync(string subject, byte[] wrapped, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces a person's wrapped key by the mark, also where there was no key. It returns once that is durable; the old bytes must not
    /// stay readable. False when the mark was there already.
    /// </summary>
    ValueTask<bool> DestroyAsync(string subject, CancellationToken cancellationToken);
}
