using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Gateway.Identity.Revocations;
using Portcullis.Gateway.Identity.Roles;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Authenticate;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Benchmarks.Identity;

/// <summary>An access token that has been verified once, and a list with revocations of others.</summary>
internal sealed class KnownToken
{
    private readonly TokenAuthenticator authenticator;
    private readonly TrustedIssuers issuers = new("https://issuer.example", "https://issuer.example", []);
    private readonly ReadOnlyMemory<char> token;
    private readonly Exchange exchange = new();
    private int added;

    public KnownToken(int revoked)
    {
        var directory = Directory.CreateTempSubdirectory("portcullis-bench-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(directory, recursive: true);
        var ring = KeyRing.Open(Path.Combine(directory, "keys"), [KeyPolicy.ForTokens(KeyAlgorithm.RS256, TimeSpan.FromHours(24))], TimeProvider.System);
        List = new RevocationList(TimeProvider.System);
        for (var i = 0; i < revoked; i++) Revoke();
        authenticator = new TokenAuthenticator(new Lazy<KeyRing>(ring), new KeySetFetcher(NullLogger<KeySetFetcher>.Instance, TimeProvider.System), TimeProvider.System, List, new Everybody());
        token = new TokenIssuer(ring, "https://issuer.example", TimeSpan.FromHours(24), TimeProvider.System).Issue(new AccessTokenRequest
        {
            Subject = "0123456789abcdef",
            ClientId = "web-app",
            Audience = ["https://issuer.example"],
            Lifetime = TimeSpan.FromHours(24),
            Permissions = ["orders:read", "orders:write"],
            GrantId = "abcdefghijklmnopqrstuv",
            SessionId = "abcdefghijklmnopqrstuv",
            Authentication = new AuthenticationEvent(TimeProvider.System.GetUtcNow(), ["pwd", "otp"]),
        }).Token.AsMemory();
        Admit();
        AdmitAgain();
    }

    /// <summary>The list that the token is compared with.</summary>
    public RevocationList List { get; }

    /// <summary>What no look-up by digest can do without.</summary>
    public bool Digest() => TokenDigest.TryCompute(token.Span, out _);

    /// <summary>Judges the token where the last request of the connection had it, too.</summary>
    public void AdmitAgain()
    {
        var pending = authenticator.AuthenticateAsync(token, issuers, exchange);
        if (!pending.IsCompletedSuccessfully || pending.Result.Caller is null) throw new InvalidOperationException("The token is refused.");
        exchange.End();
    }

    /// <summary>Judges the token as one that comes on a new connection; it must be accepted.</summary>
    public void Admit()
    {
        var pending = authenticator.AuthenticateAsync(token, issuers, CancellationToken.None);
        if (!pending.IsCompletedSuccessfully || pending.Result.Caller is null) throw new InvalidOperationException("The token is refused.");
    }

    /// <summary>Revokes another token, so that this one is looked up anew.</summary>
    public void Revoke() => List.Add(new Revocation(RevocationKind.Token, $"other {added++}", TimeProvider.System.GetUtcNow()));

    /// <summary>What everybody may do, which does not change.</summary>
    private sealed class Everybody : IEntitlements
    {
        private readonly PermissionSet permissions = RoleSet.Empty.Effective([], ["orders:*"]);

        public long Version => 1;

        public Task Loaded => Task.CompletedTask;

        public PermissionSet Of(string subject) => permissions;
    }
}
