using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography.X509Certificates;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.EventLoops;

namespace Portcullis.Gateway.Connections.Tls;

/// <summary>A TLS connection of .NET's SslStream.</summary>
internal sealed class FrameworkChannel(SslStream tls, LoopStream network) : SecureChannel
{
    public override TlsFacts Facts { get; } = new(tls.SslProtocol, tls.NegotiatedCipherSuite, tls.NegotiatedApplicationProtocol, tls.TargetHostName, IsResumed: false);

    public override X509Certificate2? ClientCertificate => tls.RemoteCertificate switch
    {
        null => null,
        X509Certificate2 whole => whole,
        var part => new X509Certificate2(part),
    };

    public override bool IsTruncated => network.HasEnded;

    public override ValueTask<int> ReceiveAsync(Memory<byte> into)
    {
        var reading = tls.ReadAsync(into);
        return reading.IsCompletedSuccessfully ? reading : AwaitAsync(reading);
    }

    public override ValueTask<int> WaitForInputAsync() => ReceiveAsync(Memory<byte>.Empty);

    public override ValueTask SendAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken) => tls.WriteAsync(octets, cancellationToken);

    public override async ValueTask EndSendingAsync() => await tls.ShutdownAsync();

    public override void Dispose() => tls.Dispose();

    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private static async ValueTask<int> AwaitAsync(ValueTask<int> reading)
    {
        try
        {
            return await reading;
        }
        catch (IOException e) when (e.InnerException is OperationCanceledException cancelled)
        {
            // The stream takes it for an end unless the token is its own, but has lost nothing and can be read on.
            ExceptionDispatchInfo.Throw(cancelled);
            return 0;
        }
    }
}
