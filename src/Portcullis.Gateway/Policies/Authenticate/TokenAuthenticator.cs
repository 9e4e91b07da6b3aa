using System.Collections.Concurrent;
using System.Text;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity.Certificates;
using Portcullis.Gateway.Identity.Revocations;
using Portcullis.Gateway.Identity.Roles;
using Portcullis.Gateway.Pipeline;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>
/// Judges bearer tokens of the gateway's own issuer and of outside ones. A token's signature is checked once; after that
/// the token is known by its digest until it expires, its keys go or its issuers change.
/// </summary>
/// <param name="ring">The gateway's own keys.</param>
/// <param name="fetcher">Gets the keys of outside issuers.</param>
/// <param name="clock">Decides what has expired.</param>
/// <param name="revocations">What ends known tokens at once. Null: nothing does, as where a configuration is only looked at.</param>
/// <param name="entitlements">What subjects and clients of the gateway's own may do now: less than the token says counts at once. Null: the token alone counts.</param>
public sealed class TokenAuthenticator(Lazy<KeyRing> ring, KeySetFetcher fetcher, TimeProvider clock, RevocationList? revocations = null, IEntitlements? entitlements = null)
{
    /// <summary>Verifiers and key sources are few: one per issuer and audience that was ever configured. More than this starts over.</summary>
    private const int MaximumIssuers = 256;

    /// <summary>How long a request waits at start until it is known what subjects may do.</summary>
    private static readonly TimeSpan LoadTimeout = TimeSpan.FromSeconds(5);

    private readonly RevocationList revocations = revocations ?? new(clock);
    private readonly VerifiedTokens verified = new();
    private readonly OwnKeys ownKeys = new(ring);
    private readonly ConcurrentDictionary<KeyOrigin, RemoteKeys> remoteKeys = new();
    private readonly ConcurrentDictionary<(string Issuer, string Audience, TokenTypes Types), TokenVerifier> verifiers = new();

    /// <summary>Judges a token. Completes synchronously, without allocation, for one that is known.</summary>
    /// <param name="token">What stands behind <c>Bearer</c>.</param>
    /// <param name="issuers">Whose tokens count.</param>
    /// <param name="exchange">Who presents it. Its end ends the wait for an outside issuer's keys.</param>
    public ValueTask<TokenOutcome> AuthenticateAsync(ReadOnlyMemory<char> token, TrustedIssuers issuers, Exchange exchange)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();

        // 1. The string of the connection's last request: the server makes no second one of the same field. Nothing to hash.
        var entry = exchange.LastToken.Token.Equals(token) ? exchange.LastToken.Entry : null;
        if (entry is null || !entry.IsUnder(issuers))
        {
            // 2. A token known from elsewhere.
            if (!TokenDigest.TryCompute(token.Span, out var digest)) return new(TokenOutcome.Refuse("empty, not ASCII or longer than a token may be"));
            entry = verified.Find(digest, issuers, now);
            if (entry is null) return VerifyAsync(token, digest, issuers, exchange.Certificate, exchange.Aborted);
        }

        exchange.PresentedToken = new(token, entry);
        return new(Judge(entry, entry.Binding is null ? null : exchange.Certificate, now));
    }

    /// <summary>Judges a token that came on no connection: one that is bound to a certificate is refused.</summary>
    public ValueTask<TokenOutcome> AuthenticateAsync(ReadOnlyMemory<char> token, TrustedIssuers issuers, CancellationToken cancellationToken)
        => AuthenticateAsync(token, issuers, certificate: null, cancellationToken);

    /// <summary>Judges a token that is no part of its request's head.</summary>
    /// <param name="token">The token.</param>
    /// <param name="issuers">Whose tokens count.</param>
    /// <param name="certificate">What whoever presents it showed.</param>
    /// <param name="cancellationToken">Ends the wait for keys.</param>
    internal ValueTask<TokenOutcome> AuthenticateAsync(ReadOnlyMemory<char> token, TrustedIssuers issuers, ShownCertificate? certificate, CancellationToken cancellationToken)
    {
        if (!TokenDigest.TryCompute(token.Span, out var digest)) return new(TokenOutcome.Refuse("empty, not ASCII or longer than a token may be"));
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        return verified.Find(digest, issuers, now) is { } entry ? new(Judge(entry, certificate, now)) : VerifyAsync(token, digest, issuers, certificate, cancellationToken);
    }

    private TokenOutcome Judge(VerifiedTokens.Entry entry, ShownCertificate? certificate, long now)
    {
        // RFC 8705 §3: whoever has stolen a bound token lacks the certificate's key, so neither its age nor its end is told.
        if (entry.Binding is { } binding && !binding.Matches(certificate is null ? default : certificate.Thumbprint)) return TokenOutcome.Refuse("bound to another certificate, or to what can't be checked");
        return now >= entry.RefusedFrom ? TokenOutcome.Refuse("exp has passed", isExpired: true)
            : entry.IsRevoked(revocations) ? TokenOutcome.Refuse("revoked")
            : TokenOutcome.Accept(entry.CallerNow(entitlements));
    }

    private async ValueTask<TokenOutcome> VerifyAsync(
        ReadOnlyMemory<char> token, TokenDigest digest, TrustedIssuers issuers, ShownCertificate? certificate, CancellationToken cancellationToken)
    {
        // 1. Whose token it says it is: believed only as far as choosing the keys that then prove it.
        var (claimed, cause) = Peek(token.Span);
        if (claimed is null) return TokenOutcome.Refuse(cause);

        var external = claimed.Claims.Issuer == issuers.Issuer ? null : issuers.FindExternal(claimed.Claims.Issuer ?? string.Empty);
        if (external is null && claimed.Claims.Issuer != issuers.Issuer) return TokenOutcome.Refuse("iss is no issuer that counts here");

        // 2. Signature, issuer, audience, times, type. RFC 9068 came later than most issuers: few outside ones type their access tokens.
        var source = external is null ? ownKeys : external.SharedSecret is { } secret ? new SharedSecretKeys(secret) : (IKeySource)Remote(external);
        var verifier = Verifier(external?.Issuer ?? issuers.Issuer, external?.Audience ?? issuers.Audience, TypesOf(external));
        var keys = source.Keys;
        var result = verifier.Verify(token.Span, keys);
        if (result.Failure == TokenFailure.UnknownKey && await source.RefreshAsync(keys, claimed.KeyId, cancellationToken))
        {
            keys = source.Keys;
            result = verifier.Verify(token.Span, keys);
        }

        if (!result.IsValid) return TokenOutcome.Refuse(result.Cause, result.Failure == TokenFailure.Expired);

        // 3. Who it is. No token is remembered before revocations are known, so that only one that is new here can have to wait for them.
        if (Callers.From(result.Claims, external) is not { } caller) return TokenOutcome.Refuse("sub is missing");
        await revocations.LoadAsync(cancellationToken);
        if (entitlements is { Loaded.IsCompleted: false }) await entitlements.Loaded.WaitAsync(LoadTimeout, clock, cancellationToken);

        // 4. Remembered until the token expires, a revoked one, too: it is refused without verifying.
        var entry = new VerifiedTokens.Entry(caller, verifier.RefusedFrom(result.Claims), source, keys, issuers, RevocationMarks.Of(result.Claims, caller.Issuer), TokenBinding.Of(result.Claims))
        {
            Grantee = Callers.GranteeOf(result.Claims),
        };
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        verified.Remember(digest, entry, now);
        return Judge(entry, certificate, now);
    }

    private static TokenTypes TypesOf(ExternalIssuerOptions? external)
        => external is null ? TokenTypes.AccessToken
            : external.AcceptUntyped ? TokenTypes.AccessToken | TokenTypes.Jwt | TokenTypes.Untyped : TokenTypes.AccessToken | TokenTypes.Jwt;

    private static (UnverifiedToken? Token, string? Cause) Peek(ReadOnlySpan<char> token)
    {
        var bytes = new byte[token.Length];
        Encoding.ASCII.GetBytes(token, bytes);
        return UnverifiedToken.TryParse(bytes, out var parsed, out var cause) ? (parsed, null) : (null, cause);
    }

    private RemoteKeys Remote(ExternalIssuerOptions issuer)
    {
        if (remoteKeys.Count >= MaximumIssuers) remoteKeys.Clear();
        return remoteKeys.GetOrAdd(
            new(issuer.Issuer, issuer.Jwks, issuer.Network),
            static (_, self) => new RemoteKeys(self.Issuer, self.Fetcher, self.Clock),
            (Issuer: issuer, Fetcher: fetcher, Clock: clock));
    }

    private TokenVerifier Verifier(string issuer, string audience, TokenTypes types)
    {
        if (verifiers.Count >= MaximumIssuers) verifiers.Clear();
        return verifiers.GetOrAdd(
            (issuer, audience, types),
            static (key, clock) => new TokenVerifier(new TokenRules { Issuer = key.Issuer, Audiences = [key.Audience], Types = key.Types }, clock),
            clock);
    }

    /// <summary>What decides where keys are fetched from. An issuer's other settings change without its keys being fetched anew.</summary>
    private readonly record struct KeyOrigin(string Issuer, Uri? Jwks, NetworkOptions Network);
}
