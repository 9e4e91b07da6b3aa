namespace Portcullis.Gateway.Pipeline;

/// <summary>
/// What a policy or terminal decided. <c>default</c> denies: a forgotten assignment refuses the request with
/// <see cref="RefusalCode.InternalError"/>, it never lets it through.
/// </summary>
public readonly struct Verdict : IEquatable<Verdict>
{
    private readonly Outcome outcome;
    private readonly RefusalCode? code;

    private Verdict(Outcome outcome, RefusalCode? code, string? cause)
    {
        this.outcome = outcome;
        this.code = code;
        Cause = cause;
    }

    private enum Outcome : byte
    {
        Refuse,
        Continue,
        Responded,
    }

    /// <summary>The next policy, or the terminal, takes over.</summary>
    public static Verdict Continue => new(Outcome.Continue, null, null);

    /// <summary>The response has been written in full; nothing further runs but completion.</summary>
    public static Verdict Responded => new(Outcome.Responded, null, null);

    /// <summary>Refuses the request. One runner alone writes the answer.</summary>
    /// <param name="code">What the client is told.</param>
    /// <param name="cause">What only the decision log and the audit log see; null when the code says it all.</param>
    public static Verdict Refuse(RefusalCode code, string? cause = null) => new(Outcome.Refuse, code, cause);

    public bool IsContinue => outcome == Outcome.Continue;

    public bool IsResponded => outcome == Outcome.Responded;

    public bool IsRefusal => outcome == Outcome.Refuse;

    /// <summary>The public reason; <see cref="RefusalCode.InternalError"/> for <c>default(Verdict)</c>.</summary>
    public RefusalCode Code => code ?? RefusalCode.InternalError;

    /// <summary>The private cause, for the logs only.</summary>
    public string? Cause { get; }

    public bool Equals(Verdict other) => outcome == other.outcome && code == other.code && Cause == other.Cause;

    public override bool Equals(object? obj) => obj is Verdict other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(outcome, code, Cause);

    public static bool operator ==(Verdict left, Verdict right) => left.Equals(right);

    public static bool operator !=(Verdict left, Verdict right) => !left.Equals(right);
}
