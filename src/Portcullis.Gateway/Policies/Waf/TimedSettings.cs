using Portcullis.Waf.Engine;

namespace Portcullis.Gateway.Policies.Waf;

/// <summary>What a route wants of the rules from a moment on, until the next.</summary>
internal sealed record TimedSettings(DateTimeOffset From, TransactionSettings Settings);
