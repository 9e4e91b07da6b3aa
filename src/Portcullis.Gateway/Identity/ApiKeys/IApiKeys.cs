namespace Portcullis.Gateway.Identity.ApiKeys;

/// <summary>Where API keys are looked up. Implemented by the control plane.</summary>
public interface IApiKeys
{
    /// <summary>
    /// The key of that hash with what it may do now; null where it is unknown, revoked or expired, or its subject is disabled: a caller learns no more.
    /// Sees changes within a second.
    /// </summary>
    /// <param name="hash">SHA-256 of the whole key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<KnownApiKey?> FindAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken);

    /// <summary>That the key was used now; kept to the day. Never waits and never throws.</summary>
    void Used(string keyId);
}
