using Portcullis.Gateway.Forwarding.Health;

namespace Portcullis.Gateway.Forwarding;

/// <summary>What an error or a status says about the destination.</summary>
internal static class ForwardOutcome
{
    public static TryOutcome Of(ForwardError error, int status)
    {
        if (error != ForwardError.None) return ForwardErrors.Of(error).CountsAgainstDestination ? TryOutcome.Failure : TryOutcome.Unknown;
        return status >= 500 ? TryOutcome.ServerError : TryOutcome.Success;
    }
}
