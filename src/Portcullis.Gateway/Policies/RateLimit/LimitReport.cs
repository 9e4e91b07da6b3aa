namespace Portcullis.Gateway.Policies.RateLimit;

/// <summary>The tightest limit that a request was counted under, for the RateLimit field. <c>default</c>: none.</summary>
internal readonly record struct LimitReport(Limit? Limit, int Remaining, long Wait)
{
    /// <summary>The one with less left; of two with as much, the one where it lasts longer.</summary>
    public LimitReport Tighter(Limit limit, in LimitStanding standing)
        => Limit is null || standing.Remaining < Remaining || (standing.Remaining == Remaining && standing.Wait > Wait)
            ? new LimitReport(limit, standing.Remaining, standing.Wait)
            : this;
}
