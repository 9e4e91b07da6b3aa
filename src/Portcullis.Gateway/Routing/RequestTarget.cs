namespace Portcullis.Gateway.Routing;

/// <summary>
/// A request target in its normal form, made only by <see cref="TargetNormaliser"/> and <see cref="PathRewrite"/>.
/// It is the one reading of the target: what is routed is what is inspected and what is forwarded.
/// Path and query are slices of one string, which is the client's own when that was already normal.
/// </summary>
public readonly struct RequestTarget
{
    private readonly int pathLength;

    internal RequestTarget(string value, int pathLength, TargetForm form)
    {
        Value = value;
        this.pathLength = pathLength;
        Form = form;
    }

    /// <summary>Path and query as they go upstream; <c>*</c> in asterisk form.</summary>
    public string Value { get => field ?? ""; }

    /// <summary>The form the client used. <see cref="TargetForm.None"/> only for <c>default</c>.</summary>
    public TargetForm Form { get; }

    /// <summary>The normalised path: begins with a slash, no empty or dot segments, escapes in upper case.</summary>
    public ReadOnlySpan<char> Path => Value.AsSpan(0, pathLength);

    /// <summary>The same path for code that keeps it across an await.</summary>
    public ReadOnlyMemory<char> PathMemory => Value.AsMemory(0, pathLength);

    /// <summary>The query with its <c>?</c>, exactly as sent; empty when there is none.</summary>
    public ReadOnlySpan<char> Query => Value.AsSpan(pathLength);

    /// <summary>The query without its <c>?</c>, exactly as sent.</summary>
    public ReadOnlySpan<char> QueryText => HasQuery ? Value.AsSpan(pathLength + 1) : default;

    /// <summary>Whether a <c>?</c> was sent, even with nothing behind it.</summary>
    public bool HasQuery => Value.Length > pathLength;

    /// <inheritdoc/>
    public override string ToString() => Value;
}
