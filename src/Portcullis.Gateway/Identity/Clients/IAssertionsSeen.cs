namespace Portcullis.Gateway.Identity.Clients;

/// <summary>Remembers which assertions clients have used, so that each counts once (RFC 7523 §3, item 7). Implemented by the control plane.</summary>
public interface IAssertionsSeen
{
    /// <summary>
    /// Notes one in a single atomic decision, also between nodes; false where it was noted before. It may be forgotten after <paramref name="until"/>,
    /// which is minutes away, and not sooner: where there is no room, throw.
    /// </summary>
    /// <param name="clientId">Whose it is.</param>
    /// <param name="digest">SHA-256 of its <c>jti</c>; 32 octets.</param>
    /// <param name="until">From when on it would be refused as expired.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<bool> TryAddAsync(string clientId, ReadOnlyMemory<byte> digest, DateTimeOffset until, CancellationToken cancellationToken);
}
