using System.Globalization;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies.RateLimit;

/// <summary>One compiled limit: rate, cells and the texts that tell of it. Immutable but for its cache of texts; thread safe.</summary>
internal sealed class Limit
{
    /// <summary>The fields that tell of limits (draft-ietf-httpapi-ratelimit-headers-11).</summary>
    public const string Field = "RateLimit";

    /// <inheritdoc cref="Field"/>
    public const string PolicyField = "RateLimit-Policy";

    /// <summary>Values of the RateLimit field kept per limit; beyond, one takes the other's place.</summary>
    private const int MostTexts = 256;

    private readonly LimitBy by;
    private readonly LimitScope scope;
    private readonly LimitScope anonymous;
    private readonly LimitScope untenanted;
    private readonly long second;
    private Told?[]? texts;

    /// <param name="route">Name of the route; with name and <paramref name="options"/>' <c>by</c> the identity under which counts live on.</param>
    /// <param name="name">A token, unique in the route.</param>
    /// <param name="options">Valid options.</param>
    /// <param name="store">Where the counts live.</param>
    public Limit(string route, string name, LimitOptions options, LimitStore store)
    {
        by = options.By;
        Name = name;
        IsEnforced = options.Mode == LimitMode.Enforce;
        Burst = LimitRates.BurstOf(options);
        Rate = LimitRates.Compile(options, store.Clock.TimestampFrequency);
        second = store.Clock.TimestampFrequency;
        var identity = $"{route}\n{name}\n{by}";
        scope = store.Scope(identity);
        anonymous = by is LimitBy.Caller or LimitBy.Tenant ? store.Scope(identity + "\nanonymous") : scope;
        untenanted = by == LimitBy.Tenant ? store.Scope(identity + "\nuntenanted") : scope;

        var seconds = (options.Period.Ticks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond;
        PolicyItem = $"\"{name}\";q={options.Limit};w={seconds}" + (Burst == options.Limit ? string.Empty : $";portcullis-burst={Burst}");
        Cause = $"limit {name}";
        ShadowNote = $"{RefusalCode.LimitExceeded.Code} ({name})";
    }

    public string Name { get; }

    public int Burst { get; }

    public LimitRate Rate { get; }

    public bool IsEnforced { get; }

    /// <summary>
    /// Whether responses tell of the limit before it is exceeded. What all share stays untold: it is the load and capacity of the
    /// service (draft-ietf-httpapi-ratelimit-headers-11 §8.2).
    /// </summary>
    public bool IsTold => IsEnforced && by != LimitBy.Route;

    /// <summary>Member of the RateLimit-Policy field.</summary>
    public string PolicyItem { get; }

    /// <summary>For the decision log.</summary>
    public string Cause { get; }

    /// <summary>For the decision log, in shadow mode.</summary>
    public string ShadowNote { get; }

    /// <summary>The cells that the request is counted in.</summary>
    public LimitScope ScopeFor(Exchange exchange) => IsAnonymous(exchange) ? anonymous : by == LimitBy.Tenant && exchange.Caller!.Tenant.Length == 0 ? untenanted : scope;

    /// <summary>The key that the request is counted under. Allocates nothing.</summary>
    public UInt128 KeyFor(Exchange exchange) => by switch
    {
        LimitBy.Route => scope.Shared,
        LimitBy.Caller when !IsAnonymous(exchange) => scope.KeyOf(exchange.Caller!.LimitKey),
        LimitBy.Tenant when !IsAnonymous(exchange) => exchange.Caller!.Tenant is { Length: > 0 } tenant ? scope.KeyOf(tenant) : untenanted.KeyOf(exchange.Caller.LimitKey),
        _ => ScopeFor(exchange).KeyOf(exchange.ClientAddress),
    };

    /// <summary>Value of the RateLimit field: what is left, and in how many seconds there will be more.</summary>
    public string Text(int remaining, long wait)
    {
        var seconds = Seconds(wait);
        if (seconds != 1) return Compose(remaining, seconds);

        // Threads may race for a place: each puts a whole entry there, and whichever stays is right.
        texts ??= new Told?[Math.Min(Burst, MostTexts)];
        var place = remaining % texts.Length;
        var text = texts[place];
        if (text is null || text.Remaining != remaining) texts[place] = text = new Told(remaining, Compose(remaining, seconds));
        return text.Value;
    }

    /// <summary>Whole seconds, rounded up (RFC 9110 §10.2.3).</summary>
    public long Seconds(long ticks) => Math.Max(1, ((ticks - 1) / second) + 1);

    /// <summary>A refusal that says when to come again.</summary>
    public Verdict Refuse(Exchange exchange, in LimitStanding standing, string policies)
    {
        exchange.AddResponseField("Retry-After", Seconds(standing.Wait).ToString(CultureInfo.InvariantCulture));
        exchange.AddResponseField(Field, Text(0, standing.Wait));
        exchange.AddResponseField(PolicyField, policies);
        return Verdict.Refuse(RefusalCode.LimitExceeded, Cause);
    }

    private bool IsAnonymous(Exchange exchange) => by is LimitBy.Caller or LimitBy.Tenant && exchange.Caller is null or { IsAnonymous: true };

    private string Compose(int remaining, long seconds) => $"\"{Name}\";r={remaining};t={seconds}";

    private sealed record Told(int Remaining, string Value);
}
