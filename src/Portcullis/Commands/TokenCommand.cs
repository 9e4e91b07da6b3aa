using System.CommandLine;
using System.Text;
using Portcullis.Control.Identity.Grants;
using Portcullis.Gateway.Identity.Grants;
using Portcullis.Gateway.Identity.Revocations;
using Portcullis.Trust.Tokens;

namespace Portcullis.Commands;

/// <summary><c>token revoke</c>: ends tokens before their time. Nodes refuse them within a second.</summary>
internal static class TokenCommand
{
    private const string Input = "-";
    private const int LongestToken = 16 * 1024;

    public static Command Create() => new("token", "Access and refresh tokens") { Revoke() };

    private static Command Revoke()
    {
        var token = new Argument<string?>("TOKEN") { Description = $"Access or refresh token; '{Input}' reads it from standard input, which leaves it in no shell's history", Arity = ArgumentArity.ZeroOrOne };
        var client = new Option<string?>("--client") { Description = "Ends all that a client has: grants, refresh tokens, access tokens" };
        var subject = new Option<string?>("--subject") { Description = "Ends all that a person, or a client for itself, has: grants, refresh tokens, access tokens" };
        var grant = new Option<string?>("--grant") { Description = "Ends one grant with its tokens, by the grant_id that they carry" };
        var command = new Command("revoke", "Ends one token, or all of a grant, client or person") { token, client, subject, grant };
        command.Validators.Add(result =>
        {
            string?[] named = [result.GetValue(token), result.GetValue(client), result.GetValue(subject), result.GetValue(grant)];
            if (named.Count(one => one is not null) != 1) result.AddError("name one of TOKEN, --client, --subject and --grant");
        });
        return CommandStore.Verb(command, async (parsed, store) =>
        {
            if (parsed.GetValue(client) is { } clientId) return await EndClientAsync(parsed, store, clientId);
            if (parsed.GetValue(subject) is { } person) return await EndSubjectAsync(parsed, store, person);
            if (parsed.GetValue(grant) is { } grantId)
                return await (await store.GrantsAsync()).EndGrantAsync(grantId, TimeProvider.System.GetUtcNow(), CancellationToken.None)
                    ? Say(parsed, "the grant has ended, and with it its tokens")
                    : Complaint.Write(parsed, "there is no such grant, or it has ended", "a token's grant is its claim grant_id");
            var text = parsed.GetRequiredValue(token);
            return await EndTokenAsync(parsed, store, text == Input ? await StandardInput.ReadAsync(LongestToken) : text!);
        });
    }

    private static async Task<int> EndClientAsync(ParseResult parsed, CommandStore store, string id)
    {
        if (await (await store.ClientsAsync()).FindAsync(id, CancellationToken.None) is null) return Complaint.Write(parsed, $"there is no client {Printing.Printable(id)}", "portcullis client list shows them");
        var ended = await (await store.GrantsAsync()).EndClientAsync(id, CancellationToken.None);
        return Say(parsed, $"what client {id} has had so far has ended, {ended} grants among it; it may get new tokens unless it is disabled");
    }

    private static async Task<int> EndSubjectAsync(ParseResult parsed, CommandStore store, string subject)
    {
        var grants = await store.GrantsAsync();
        if (!await grants.HasSubjectAsync(subject, CancellationToken.None)) return Complaint.Write(parsed, $"there is nobody with subject {Printing.Printable(subject)}", "a token's subject is its claim sub; a client's is its id");

        // The grants first: what one of them gives while they end is revoked by what comes after.
        var now = TimeProvider.System.GetUtcNow();
        var ended = await grants.EndGrantsOfSubjectAsync(subject, now, CancellationToken.None);
        await grants.AddAsync(new Revocation(RevocationKind.Subject, subject, TimeProvider.System.GetUtcNow() + GrantStore.NoticeTime), CancellationToken.None);
        return Say(parsed, $"what subject {subject} has had so far has ended, {ended} grants among it; sessions go on");
    }

    private static async Task<int> EndTokenAsync(ParseResult parsed, CommandStore store, string text)
    {
        var (grants, now) = (await store.GrantsAsync(), TimeProvider.System.GetUtcNow());
        if (OpaqueToken.Read(TokenPrefixes.Refresh, text) is { } refresh)
        {
            // A spent one, too: its grant may live on in the successor.
            if (await grants.FindRefreshTokenAsync(refresh.Hash, now, CancellationToken.None) is not { } known) return Complaint.Write(parsed, "that refresh token is not known", "it may be of another gateway, or have ended long ago");
            return Say(parsed, await grants.EndGrantAsync(known.Grant.Id, now, CancellationToken.None) ? "the grant of that refresh token has ended, and with it its tokens" : "the grant of that refresh token had ended before");
        }

        // Whoever signed it: an entry of a token that nobody takes does nothing.
        if (!UnverifiedToken.TryParse(Encoding.UTF8.GetBytes(text), out var token, out _) || token.Claims is not { TokenId: { Length: > 0 and <= 128 } id, Issuer: { Length: > 0 and <= 2048 } issuer } claims)
            return Complaint.Write(parsed, "that is no token that can be revoked by itself", "pass a refresh token, or an access token with iss and jti; or end all by --client or --subject");
        var expires = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(claims.ExpiresAt, 0, now.AddDays(400).ToUnixTimeSeconds())).AddMinutes(5);
        if (expires <= now) return Say(parsed, "that access token has expired");

        // As one of the gateway's own, whose issuer is not part of the entry, and as one of an outside issuer.
        var own = new Revocation(RevocationKind.Token, id, now) { ClientId = claims.ClientId is { Length: <= 64 } client ? client : string.Empty, Until = expires };
        await grants.AddAsync(own, CancellationToken.None);
        await grants.AddAsync(own with { Issuer = issuer }, CancellationToken.None);
        return Say(parsed, "that access token has ended");
    }

    private static int Say(ParseResult parsed, string text)
    {
        parsed.InvocationConfiguration.Output.WriteLine(text);
        return 0;
    }
}
