using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Identity.Grants;

/// <summary>
/// A refresh token for new tokens (RFC 6749 §6), each used once (RFC 9700 §2.2.2, §4.14.2). The successor of a spent one is given again once, to the same
/// client at the same address within <see cref="Grace"/>, since its reply may have been lost; any other second use ends the grant.
/// </summary>
internal sealed class RefreshTokenGrant(IGrantStore store, GrantEnding ending, PersonTokens tokens, TimeProvider clock) : IGrantType
{
    /// <summary>Long enough for a time-out and one retry, too short for a thief who comes later.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    public string Name => GrantNames.RefreshToken;

    public async ValueTask<GrantReply> RedeemAsync(GrantRequest request)
    {
        if (request.Form["refresh_token"] is not { } text) return OAuthError.InvalidRequest("refresh_token is missing");
        if (OpaqueToken.Read(TokenPrefixes.Refresh, text) is not { } presented) return OAuthError.InvalidGrant("not a refresh token");

        // 1. A narrower scope is judged before anything is spent (RFC 6749 §6).
        var wanted = request.Form["scope"] is { } scope ? Scopes.Split(scope) : null;
        if (wanted is not null)
        {
            var known = await store.FindRefreshTokenAsync(presented.Hash, clock.GetUtcNow(), request.Aborted);
            if (known is { IsUsable: true } && known.Grant.ClientId == request.Client.Id && wanted.Except(known.Grant.Scope, StringComparer.Ordinal).Any())
                return new OAuthError("invalid_scope", "more than was granted");
        }

        // 2. One atomic decision of the store.
        var successor = OpaqueToken.Create(TokenPrefixes.Refresh);
        var decision = await store.RotateRefreshTokenAsync(
            new RefreshAttempt
            {
                PresentedHash = presented.Hash,
                ClientId = request.Client.Id,
                Evidence = EvidenceOf(presented, request.Address),
                SuccessorHash = successor.Hash,
                SealedSuccessor = SuccessorSeal.Seal(presented, successor),
                Now = clock.GetUtcNow(),
                Grace = Grace,
            },
            request.Aborted);

        // 3. What follows from it. Only two outcomes give anything.
        switch (decision)
        {
            case { Outcome: RefreshOutcome.Rotated, Grant: { } grant }:
                return await IssueAsync(request, grant, wanted, successor);
            case { Outcome: RefreshOutcome.Repeated, Grant: { } grant } when SuccessorSeal.Open(TokenPrefixes.Refresh, presented, decision.SealedSuccessor.Span) is { } again:
                return await IssueAsync(request, grant, wanted, again);
            case { Outcome: RefreshOutcome.Replayed, Grant: { } grant }:
                ending.Ended(SecurityEventKind.RefreshTokenReplayed, grant, request.Client.Id, request.RequestId);
                break;
            case { Outcome: RefreshOutcome.WrongClient, Grant: { } grant }:
                ending.Ended(SecurityEventKind.RefreshTokenMisused, grant, request.Client.Id, request.RequestId);
                break;
        }

        return OAuthError.InvalidGrant($"refresh token: {decision.Outcome}");
    }

    private ValueTask<GrantReply> IssueAsync(GrantRequest request, Grant grant, IReadOnlyList<string>? wanted, OpaqueToken refresh)
        => wanted is not null && wanted.Except(grant.Scope, StringComparer.Ordinal).Any()
            ? new(new OAuthError("invalid_scope", "more than was granted"))
            : tokens.IssueAsync(request, grant, wanted ?? grant.Scope, nonce: null, refresh.Text);

    /// <summary>
    /// The client's address, of IPv6 the /64 that one customer has, hashed with the token so that the store does not tell where people are.
    /// </summary>
    private static byte[] EvidenceOf(OpaqueToken presented, IPAddress address)
    {
        Span<byte> octets = stackalloc byte[16];
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        _ = plain.TryWriteBytes(octets, out var length);
        if (plain.AddressFamily == AddressFamily.InterNetworkV6) length = 8;
        return HMACSHA256.HashData(presented.Text.RevealBytes(), octets[..length]);
    }
}
