using System.Collections.Concurrent;
using System.Numerics;

namespace Portcullis.Gateway.Policies.RateLimit;

/// <summary>
/// The cells of all rate limits, apart from the configuration, so that a reload resets none. Thread safe.
/// </summary>
/// <remarks>
/// <para>Cost: 32 bytes a key, no allocation and one short lock per check, no timer. Memory grows with the keys seen, up to the cap, and is kept.</para>
/// <para>At the cap a new key takes a cell whose client has everything earned back, which changes nothing for that client.
/// Where none is found among the next 64, all new keys of a limit count together in one cell, as if they were a single client, until
/// room is found. So a flood of keys makes limits stricter for newcomers, never laxer for anybody, and leaves known clients alone.</para>
/// <para>A cell is in use for one interval (period divided by limit) per request counted: to hold N cells of a limit of
/// 100 a minute somebody has to send N requests from N addresses every 0.6 s.</para>
/// </remarks>
public sealed class LimitStore
{
    /// <summary>Keys held by default: 2^20, which take 32 MiB when all are in use.</summary>
    public const int DefaultCapacity = 1 << 20;

    private const int ShardLength = 1 << 10;
    private const int MostShards = 64;

    private readonly LimitShard[] shards;
    private readonly int shardMask;

    /// <summary>By name of the limit. Names come from configurations only, so their number is the operator's choice.</summary>
    private readonly ConcurrentDictionary<string, LimitScope> scopes = new(StringComparer.Ordinal);
    private long overflows;

    /// <param name="clock">Only its timestamps are used, which do not jump when the wall clock is set.</param>
    /// <param name="capacity">Most keys, rounded up to a power of two; at least 16.</param>
    public LimitStore(TimeProvider clock, int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 1 << 28);
        Clock = clock;
        Capacity = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(capacity, 16));
        shards = new LimitShard[Math.Clamp(Capacity / ShardLength, 1, MostShards)];
        shardMask = shards.Length - 1;
        for (var i = 0; i < shards.Length; i++) shards[i] = new LimitShard(Capacity / shards.Length);
    }

    /// <summary>Most keys. Shards fill unevenly, so the first may be full a few percent before.</summary>
    public int Capacity { get; }

    /// <summary>Keys that hold a cell, including those that have everything earned back.</summary>
    public int Count
    {
        get
        {
            var sum = 0;
            foreach (var shard in shards) sum += shard.Count;
            return sum;
        }
    }

    /// <summary>Checks that found no room for their key and went to the shared cell of their limit. For metrics and alerts.</summary>
    public long Overflows => Volatile.Read(ref overflows);

    internal TimeProvider Clock { get; }

    /// <summary>The cells of the limit with that name; the same for every configuration that has the name.</summary>
    internal LimitScope Scope(string name) => scopes.GetOrAdd(name, static _ => new LimitScope());

    /// <summary>Counts one request for the key if it is within the rate.</summary>
    internal LimitStanding Take(LimitScope scope, UInt128 key, LimitRate rate, long now)
    {
        if (Shard(key).TryTake(key, rate, now, out var standing)) return standing;
        Interlocked.Increment(ref overflows);
        return scope.TakeOverflow(rate, now);
    }

    /// <summary>
    /// Takes back what <see cref="Take"/> counted, for a request that another limit refused. Between the two, requests at the same time
    /// see it as counted, so one of them may be refused that could have passed; none passes that should not have.
    /// </summary>
    internal void GiveBack(LimitScope scope, UInt128 key, LimitRate rate, in LimitStanding taken)
    {
        if (!Shard(key).TryGiveBack(key, rate, taken, Clock)) scope.GiveBackOverflow(rate, taken, Clock);
    }

    private LimitShard Shard(UInt128 key) => shards[(int)(ulong)(key >> 64) & shardMask];
}
