using System.Text.Json;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Identity;

/// <summary>Replies of the token service: JSON that nobody may keep (RFC 6749 §5.1).</summary>
internal static class OAuthReply
{
    public static ValueTask<Verdict> RespondAsync(Exchange exchange, int status, Action<Utf8JsonWriter> write)
    {
        ForbidStoring(exchange);
        return exchange.RespondAsync(status, "application/json", JsonBody.Create(write));
    }

    /// <summary>A reply without a body.</summary>
    public static ValueTask<Verdict> RespondAsync(Exchange exchange, int status)
    {
        ForbidStoring(exchange);
        return exchange.RespondAsync(status, null, default);
    }

    /// <summary>RFC 6749 §5.2. The cause goes to the decision log only.</summary>
    public static ValueTask<Verdict> FailAsync(Exchange exchange, OAuthError error)
    {
        exchange.Fail(error.Status == 401 ? RefusalCode.AuthenticationRequired : RefusalCode.RequestMalformed, error.Cause ?? error.Description);
        if (error.Status == 401) exchange.AddResponseField("WWW-Authenticate", "Basic realm=\"token\", charset=\"UTF-8\"");
        return RespondAsync(exchange, error.Status, writer =>
        {
            writer.WriteString("error"u8, error.Error);
            writer.WriteString("error_description"u8, error.Description);
        });
    }

    public static void ForbidStoring(Exchange exchange)
    {
        exchange.AddResponseField("Cache-Control", "no-store");
        exchange.AddResponseField("Pragma", "no-cache");
    }
}
