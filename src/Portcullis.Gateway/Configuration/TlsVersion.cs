using System.Text.Json.Serialization;

namespace Portcullis.Gateway.Configuration;

/// <summary>The lowest version of TLS that a listener accepts, written <c>"1.3"</c> or <c>"1.2"</c>.</summary>
public enum TlsVersion
{
    /// <summary>TLS 1.3 only (RFC 8446).</summary>
    [JsonStringEnumMemberName("1.3")]
    Tls13,

    /// <summary>TLS 1.2 too, with ECDHE and AEAD suites only (RFC 9325 §4.2).</summary>
    [JsonStringEnumMemberName("1.2")]
    Tls12,
}
