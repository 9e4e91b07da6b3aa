namespace Portcullis.Gateway.Identity.Revocations;

/// <summary>Revocations that survive a restart and reach every node. Implemented by the control plane.</summary>
public interface IRevocationStore
{
    /// <summary>Keeps one until its <see cref="Revocation.Until"/>. Has it once this completes.</summary>
    ValueTask AddAsync(Revocation revocation, CancellationToken cancellationToken);

    /// <summary>
    /// All that are still valid and were added after <paramref name="cursor"/>, by whichever node. Asked twice a second. None may be left out for
    /// being committed late: one may be given twice, never skipped.
    /// </summary>
    /// <param name="cursor">What the last reading ended with; 0 at first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<RevocationReading> ReadAsync(long cursor, CancellationToken cancellationToken);
}
