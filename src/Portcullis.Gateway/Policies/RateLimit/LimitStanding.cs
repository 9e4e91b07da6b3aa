namespace Portcullis.Gateway.Policies.RateLimit;

/// <summary>What <see cref="LimitStore.Take"/> found. Times are ticks of the store's clock.</summary>
/// <param name="Passed">Whether the request is within the limit and was counted. A refused one leaves no trace.</param>
/// <param name="Remaining">Requests that could follow at once.</param>
/// <param name="Wait">How long until one more request is earned back; for a refused request, until it would pass.</param>
/// <param name="FullAt">When everything will be earned back.</param>
internal readonly record struct LimitStanding(bool Passed, int Remaining, long Wait, long FullAt);
