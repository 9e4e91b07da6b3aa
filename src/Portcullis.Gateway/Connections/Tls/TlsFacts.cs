using System.Net.Security;
using System.Security.Authentication;

namespace Portcullis.Gateway.Connections.Tls;

/// <summary>What client and server agreed on.</summary>
/// <param name="Protocol">The version.</param>
/// <param name="Suite">The cipher suite.</param>
/// <param name="ApplicationProtocol">By ALPN; the default value where the client offered none.</param>
/// <param name="ServerName">The host that the client asked for, as it came; empty for none.</param>
/// <param name="IsResumed">Whether the client came back by a session ticket.</param>
internal readonly record struct TlsFacts(SslProtocols Protocol, TlsCipherSuite Suite, SslApplicationProtocol ApplicationProtocol, string ServerName, bool IsResumed);
