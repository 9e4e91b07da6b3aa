namespace Portcullis.Gateway.Buffers;

/// <summary>A call that failed before it had to wait.</summary>
internal sealed class FailedCall<TResult> : ReusedCall<TResult>
{
    protected override void Return()
    {
        // Not kept.
    }
}
