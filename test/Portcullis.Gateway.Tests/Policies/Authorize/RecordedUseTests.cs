using Portcullis.Gateway.Identity.Roles;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Authorize;
using Portcullis.Gateway.Tests.Pipeline;

namespace Portcullis.Gateway.Tests.Policies.Authorize;

/// <summary>What counts as a use of a permission: that it let a request in.</summary>
public sealed class RecordedUseTests
{
    private readonly ManualTimeProvider clock = new();

    [Fact]
    public async Task All_permissions_that_are_needed_and_the_one_that_sufficed_are_used_by_subject_and_client()
        => Assert.Equal(
            ["ada a:b", "ada c:d", "ada f:g", "app a:b", "app c:d", "app f:g"],
            await UsesAsync(["a:b", "c:d"], ["e:f", "f:g", "h:i"], new Caller("ada", "app", ["a:b", "c:d", "f:g", "h:i", "x:y"])));

    [Fact]
    public async Task A_client_for_itself_uses_a_permission_once() => Assert.Equal(["app a:b"], await UsesAsync(["a:b"], [], new Caller("app", "app", ["a:b"])));

    [Fact]
    public async Task A_refused_request_uses_nothing()
    {
        Assert.Empty(await UsesAsync(["a:b", "c:d"], [], new Caller("ada", "app", ["a:b"])));
        Assert.Empty(await UsesAsync(["a:b"], ["c:d"], new Caller("ada", "app", ["a:b"])));
        Assert.Empty(await UsesAsync(["a:b"], [], Caller.Anonymous));
    }

    [Fact]
    public async Task Nothing_is_granted_here_to_whom_an_outside_issuer_vouches_for()
    {
        Assert.Empty(await UsesAsync(["a:b"], [], new Caller("ada", "app", ["a:b"], "https://login.example")));
        Assert.Empty(await UsesAsync(["a:b"], [], new Caller("https://login.example ada", "edge", ["a:b"])));
    }

    [Fact]
    public async Task A_caller_whose_use_is_known_costs_no_allocation()
    {
        var uses = new PermissionUses(clock);
        var policy = new AuthorizePolicy(["a:b"], ["c:d"], uses);
        var exchange = ExchangeFactory.Create(caller: new Caller("ada", "app", ["a:b", "c:d"]));
        await policy.OnRequestAsync(exchange);
        Assert.Equal(0, AllocatedBytes.PerOperation(() =>
        {
            var pending = policy.OnRequestAsync(exchange);
            if (!pending.IsCompletedSuccessfully || !pending.Result.IsContinue) throw new InvalidOperationException("The caller is refused.");
        }));
    }

    private async Task<IReadOnlyList<string>> UsesAsync(string[] all, string[] any, Caller caller)
    {
        var uses = new PermissionUses(clock);
        await new AuthorizePolicy(all, any, uses).OnRequestAsync(ExchangeFactory.Create(caller: caller));
        var kept = new List<string>();
        await uses.FlushAsync(new Kept(kept), default);
        return [.. kept.Order(StringComparer.Ordinal)];
    }

    private sealed class Kept(List<string> kept) : IPermissionUseStore
    {
        public Task RecordAsync(IReadOnlyList<PermissionUse> uses, CancellationToken cancellationToken)
        {
            kept.AddRange(uses.Select(use => $"{use.Caller} {use.Permission}"));
            return Task.CompletedTask;
        }

        public Task RecordGapAsync(DateOnly day, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
