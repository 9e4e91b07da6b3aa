namespace Portcullis.Trust.Passwords;

/// <summary>
/// Hashes and checks passwords by PBKDF2-HMAC-SHA-512 (NIST SP 800-132). A check takes the same time whether there is such a user or not, and whatever
/// cost the stored hash had. Only so many run at once, on threads of the pool, and only so many wait: beyond that the answer is
/// <see cref="PasswordCheck.Busy"/>, so that sign-ins can't take the processors from everything else. Safe from any thread.
/// </summary>
public sealed class PasswordHasher : IDisposable
{
    /// <summary>Checks that may wait for each that may run: some seconds of work.</summary>
    private const int WaitingForEach = 32;

    private static readonly byte[] nobody = new byte[PasswordHash.SaltSize];

    private readonly PasswordCost cost;
    private readonly SemaphoreSlim running;
    private readonly int most;
    private int admitted;

    /// <param name="cost">The cost of new hashes, and the least time a check takes.</param>
    /// <param name="concurrency">How many are computed at once; 0 for half of the processors.</param>
    public PasswordHasher(PasswordCost cost, int concurrency = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(concurrency);
        if (concurrency == 0)
            concurrency = Math.Max(1, Environment.ProcessorCount / 2);
        this.cost = cost;
        running = new SemaphoreSlim(concurrency);
        most = concurrency * (1 + WaitingForEach);
    }

    /// <summary>A hash of the password under a fresh salt, as text to store; null where too many wait already.</summary>
    public async Task<string?> HashAsync(Password password, CancellationToken cancellationToken)
    {
        string? stored = null;
        await RunAsync(() => stored = PasswordHash.Create(password.Bytes, cost.Iterations).ToString(), cancellationToken).ConfigureAwait(false);
        return stored;
    }

    /// <summary>
    /// Checks a password. Call it for unknown and disabled users, and for texts that are no password, with null in their place: it then does
    /// the same work and says <see cref="PasswordCheck.Wrong"/> (OWASP ASVS 5, 6.3.8: no hint at which users there are).
    /// </summary>
    public async Task<PasswordCheck> VerifyAsync(Password? password, string? stored, CancellationToken cancellationToken)
    {
        var check = PasswordCheck.Wrong;
        return await RunAsync(() => check = Verify(password, stored), cancellationToken).ConfigureAwait(false) ? check : PasswordCheck.Busy;
    }

    /// <inheritdoc/>
    public void Dispose() => running.Dispose();

    private PasswordCheck Verify(Password? password, string? stored)
    {
        if (password is null || !PasswordHash.TryParse(stored, out var hash))
        {
            PasswordHash.Derive(password is null ? nobody : password.Bytes, nobody, cost.Iterations);
            return PasswordCheck.Wrong;
        }

        var matches = hash.Matches(password.Bytes);
        // A hash of a lower cost must not show by a faster answer: the rest is spent all the same.
        if (hash.Iterations < cost.Iterations)
            PasswordHash.Derive(password.Bytes, nobody, cost.Iterations - hash.Iterations);
        return !matches ? PasswordCheck.Wrong : hash.Iterations == cost.Iterations ? PasswordCheck.Right : PasswordCheck.RightButStale;
    }

    /// <summary>False where the work was not done because too much waits.</summary>
    private async Task<bool> RunAsync(Action work, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref admitted) > most)
        {
            Interlocked.Decrement(ref admitted);
            return false;
        }

        try
        {
            await running.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await Task.Run(work, cancellationToken).ConfigureAwait(false);
                return true;
            }
            finally
            {
                running.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref admitted);
        }
    }
}
