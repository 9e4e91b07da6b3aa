using System.Security.Cryptography;
using Portcullis.Gateway.Identity.Clients;
using Xunit;

namespace Portcullis.Gateway.Tests.Identity.Contracts;

/// <summary>What every <see cref="IAssertionsSeen"/> must do; each implementation derives from this.</summary>
public abstract class AssertionsSeenContract
{
    private static readonly DateTimeOffset Until = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>An empty memory.</summary>
    protected abstract Task<IAssertionsSeen> OpenAsync();

    [Fact]
    public async Task Assertion_counts_once_for_each_client()
    {
        var seen = await OpenAsync();
        var (one, other) = (RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
        Assert.True(await seen.TryAddAsync("app", one, Until, CancellationToken.None));
        Assert.False(await seen.TryAddAsync("app", one, Until, CancellationToken.None));
        Assert.True(await seen.TryAddAsync("app", other, Until, CancellationToken.None));
        Assert.True(await seen.TryAddAsync("shop", one, Until, CancellationToken.None));
    }

    [Fact]
    public async Task Of_many_at_once_one_counts()
    {
        var seen = await OpenAsync();
        var digest = RandomNumberGenerator.GetBytes(32);
        var results = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => seen.TryAddAsync("app", digest, Until, CancellationToken.None).AsTask())));
        Assert.Single(results, true);
    }
}
