namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>What a change means.</summary>
internal sealed record Judgement(ChangeDirection Direction, string Summary)
{
    public static Judgement Weakens(string summary) => new(ChangeDirection.Weakens, summary);

    public static Judgement Strengthens(string summary) => new(ChangeDirection.Strengthens, summary);

    /// <summary>Said where only a person knows whether the new value lets through more.</summary>
    public static Judgement Unclear(string summary) => new(ChangeDirection.Unclear, summary + "; judge yourself");

    public static Judgement Neutral(string summary) => new(ChangeDirection.Neutral, summary);

    public static Judgement By(bool weakens, string summary) => weakens ? Weakens(summary) : Strengthens(summary);
}
