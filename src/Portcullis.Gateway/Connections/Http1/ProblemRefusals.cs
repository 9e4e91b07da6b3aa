using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>The plain answer: a problem document with code and request id, neither logged nor counted.</summary>
public sealed class ProblemRefusals : IRefusals
{
    public RefusalReply Answer(IFeatureCollection request, int status, string cause, bool isHeadWhole)
    {
        var requestId = Guid.CreateVersion7().ToString("N", CultureInfo.InvariantCulture);
        var (code, title) = Describe(status);
        var body = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"type":"urn:portcullis:problem:{{code}}","title":"{{title}}","status":{{status}},"code":"{{code}}","requestId":"{{requestId}}"}""");
        return new RefusalReply(Encoding.UTF8.GetBytes(body), [new("X-Request-Id", requestId)]);
    }

    private static (string Code, string Title) Describe(int status) => status switch
    {
        408 => ("request.timeout", "The request took too long to arrive."),
        413 => ("request.too_large", "The request body is too large."),
        414 => ("request.too_large", "The request target is too long."),
        431 => ("request.too_large", "The request header fields are too large."),
        505 => ("request.malformed", "The HTTP version is not supported."),
        _ => ("request.malformed", "The request is malformed or ambiguous."),
    };
}
