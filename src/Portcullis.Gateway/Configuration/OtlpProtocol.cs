namespace Portcullis.Gateway.Configuration;

/// <summary>How OTLP travels.</summary>
public enum OtlpProtocol
{
    Grpc,
    Http,
}
