using System.Security.Cryptography;
using System.Text;

namespace Portcullis.Gateway.Pipeline;

/// <summary>The page that a person sees instead of a problem document. No script, no outside resource, one style sheet pinned by hash.</summary>
internal static class RefusalPage
{
    private const string Style =
        ":root{color-scheme:light dark}" +
        "body{margin:0;min-height:100vh;display:grid;place-items:center;background:Canvas;color:CanvasText;font:16px/1.5 system-ui,sans-serif}" +
        "main{box-sizing:border-box;max-width:36rem;padding:2rem 1.5rem}" +
        "h1{margin:0 0 .5rem;font-size:1.5rem;line-height:1.25}" +
        "p{margin:.5rem 0}" +
        "dl{display:grid;grid-template-columns:max-content 1fr;align-items:baseline;gap:.25rem 1rem;margin:1.5rem 0 0;font-size:.875rem}" +
        "dt{opacity:.7}dd{margin:0;overflow-wrap:anywhere;font:.8125rem ui-monospace,monospace}";

    /// <summary>Nothing may load or run, only the page's own style.</summary>
    public static readonly string ContentSecurityPolicy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static byte[] Render(RefusalCode code, string requestId) => Encoding.UTF8.GetBytes(
        $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{code.Status} {code.Code}</title>
        <style>{Style}</style>
        </head>
        <body>
        <main>
        <h1>{code.Title}</h1>
        <p>{Advice(code)}</p>
        <dl>
        <dt>Status</dt><dd>{code.Status}</dd>
        <dt>Code</dt><dd>{code.Code}</dd>
        <dt>Request</dt><dd>{requestId}</dd>
        </dl>
        </main>
        </body>
        </html>

        """);

    private static string Advice(RefusalCode code) => code.Status switch
    {
        401 => "Sign in, or send a valid access token, and try again.",
        404 => "Check the address. If it should work, give the request id below to whoever runs this site.",
        408 or 429 or 503 => "Wait a moment and try again.",
        >= 500 => "This is not your doing. Try again later; if it lasts, give the request id below to whoever runs this site.",
        _ => "If this should have worked, give the request id below to whoever runs this site.",
    };
}
