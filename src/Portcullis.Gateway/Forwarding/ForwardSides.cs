namespace Portcullis.Gateway.Forwarding;

/// <summary>Words for <see cref="ForwardSide"/> in logs, metrics and traces.</summary>
internal static class ForwardSides
{
    /// <summary><c>gateway</c>, <c>downstream</c> or <c>upstream</c>.</summary>
    public static string Word(this ForwardSide side) => side switch
    {
        ForwardSide.Downstream => "downstream",
        ForwardSide.Upstream => "upstream",
        _ => "gateway",
    };
}
