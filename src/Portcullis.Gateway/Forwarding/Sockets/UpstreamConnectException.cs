namespace Portcullis.Gateway.Forwarding.Sockets;

/// <summary>Carries a connect error through <see cref="System.Net.Http.SocketsHttpHandler"/>, whose callback can only throw.</summary>
internal sealed class UpstreamConnectException(ForwardError error, string cause) : IOException(cause)
{
    public ForwardError Error { get; } = error;
}
