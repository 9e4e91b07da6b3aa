using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.RateLimit;

namespace Portcullis.Gateway.Identity;

/// <summary>Limits of the built-in endpoints, which no configuration can forget.</summary>
internal static class BuiltInLimits
{
    /// <summary>Requests per second and address: room for a fleet behind one address, none for guessing a 256-bit secret.</summary>
    public const int PerSecond = 20;

    /// <summary>Requests that may come at once after a pause.</summary>
    public const int Burst = 40;

    public static Policy For(string route, DataPlaneState state)
    {
        var options = new LimitOptions { By = LimitBy.Address, Limit = PerSecond, Period = TimeSpan.FromSeconds(1), Burst = Burst };
        return new RateLimitPolicy(Stage.LimitAddress, [new Limit(route, "address", options, state.Limits)], told: string.Empty, writesFields: false, state.Limits);
    }
}
