using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Pipeline;

/// <summary>Sends the client to the same host, path and query under another scheme or port.</summary>
internal sealed class RedirectTerminal(RedirectOptions options) : ITerminal
{
    private readonly string authorityEnd = options.Port is { } port && port != (options.Scheme == "https" ? 443 : 80) ? $":{port}" : string.Empty;

    public ValueTask<Verdict> InvokeAsync(Exchange exchange)
    {
        // Without a host there is nowhere to send the client to; a relative redirect would lead back here.
        if (exchange.Host.IsMissing) return new(Verdict.Refuse(RefusalCode.RequestMalformed, "redirect without a Host"));

        exchange.ResponseHeaders.Location = $"{options.Scheme}://{exchange.Host.Name}{authorityEnd}{exchange.Target.Value}";
        return exchange.RespondAsync(options.Status, null, default);
    }
}
