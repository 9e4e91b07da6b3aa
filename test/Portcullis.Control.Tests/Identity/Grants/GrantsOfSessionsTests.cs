using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Identity.Grants;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Tests.Identity.People;
using Portcullis.Control.Tests.Storage;
using Portcullis.Gateway.Identity.Grants;
using Portcullis.Trust.Tokens;

namespace Portcullis.Control.Tests.Identity.Grants;

/// <summary>Nothing is granted in a session that has ended, and nothing that was granted in it outlives its end.</summary>
public sealed class GrantsOfSessionsTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [OnBothDatabases]
    public async Task No_code_begins_in_a_session_that_is_gone_or_another_persons(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var grants = new GrantStore(node.Store, node.Clock);
        var (ada, eve) = (await node.AddAsync("ada"), await node.AddAsync("eve"));
        var session = PersonStoreTests.NewSession(ada, node.Clock.GetUtcNow());
        await node.Stores.Sessions.TryAddAsync(session, 5, None);

        Assert.True(await grants.AddCodeAsync(Code(node, ada, session.Sid), None));
        Assert.False(await grants.AddCodeAsync(Code(node, eve, session.Sid), None));
        Assert.False(await grants.AddCodeAsync(Code(node, ada, Guid.NewGuid().ToString("N")), None));
        Assert.False(await grants.AddCodeAsync(Code(node, ada, "no id"), None));
        await node.Stores.Sessions.EndAsync(session.Id, None);
        var late = Code(node, ada, session.Sid);
        Assert.False(await grants.AddCodeAsync(late, None));
        Assert.Equal(CodeRedemptionOutcome.Unknown, (await grants.RedeemCodeAsync(late.Hash, node.Clock.GetUtcNow(), None)).Outcome);
        Assert.Equal(1, await node.Store.UseAsync(context => context.Grants.CountAsync()));
    }

    // Codes are asked for on two nodes while the session ends on one of them: each is refused, or its grant has ended at the end.
    [Theory]
    [OnBothDatabases]
    public async Task Whoever_is_quicker_no_grant_outlives_its_session(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var stores = new[] { new GrantStore(node.Store, node.Clock), new GrantStore(await node.Database.OpenAsync(), node.Clock) };
        var ada = await node.AddAsync("ada");
        for (var round = 0; round < 5; round++)
        {
            var session = PersonStoreTests.NewSession(ada, node.Clock.GetUtcNow());
            await node.Stores.Sessions.TryAddAsync(session, 5, None);
            var standing = new Standing(node.Stores.Sessions, stores[0], stores[0], node.Clock);
            var adding = Enumerable.Range(0, 12).Select(i => Task.Run(() => stores[i % 2].AddCodeAsync(Code(node, ada, session.Sid), None).AsTask())).ToList();
            await adding[round];
            Assert.True(await node.Stores.Sessions.EndAsync(session.Id, None));
            await standing.EndTokensAsync(ada, [new(session.Id, session.Sid)], None);
            var added = (await Task.WhenAll(adding).WithPatience()).Count(isAdded => isAdded);

            Assert.True(added > 0);
            Assert.Equal((added, 0), (
                await node.Store.UseAsync(context => context.Grants.CountAsync(grant => grant.SessionId == session.Sid)),
                await node.Store.UseAsync(context => context.Grants.CountAsync(grant => grant.SessionId == session.Sid && grant.Ended == null))));
        }
    }

    private static AuthorizationCode Code(TestNode node, string subject, string sid) => new()
    {
        Hash = RandomNumberGenerator.GetBytes(32),
        Grant = new Grant
        {
            Id = Convert.ToHexString(RandomNumberGenerator.GetBytes(16)),
            ClientId = "app",
            Subject = subject,
            Scope = ["openid"],
            Authentication = new AuthenticationEvent(node.Clock.GetUtcNow(), ["pwd"]),
            SessionId = sid,
            ExpiresAt = node.Clock.GetUtcNow().AddDays(1),
        },
        BegunIn = sid,
        RedirectUri = "https://app.example/cb",
        Challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        ExpiresAt = node.Clock.GetUtcNow().AddMinutes(1),
    };
}
