using Microsoft.AspNetCore.Http;

namespace Portcullis.Gateway.Tests.Policies.Headers;

/// <summary>
/// The scoring of MDN's HTTP Observatory ("Tests and scoring", 2025) as far as response fields decide it: 100, less penalties, plus
/// bonuses when the rest is 90 or more. A+ is 100 and more. For fields as strict as the presets: anything looser scores as the worst.
/// </summary>
internal static class Observatory
{
    public static int Score(IHeaderDictionary headers)
    {
        var csp = Directives(headers.ContentSecurityPolicy.ToString());
        var penalties = 0;
        var bonuses = 0;
        Count(Csp(csp));
        Count(Hsts(headers.StrictTransportSecurity.ToString()));
        Count(headers.XContentTypeOptions == "nosniff" ? 0 : -5);
        Count(csp.ContainsKey("frame-ancestors") ? 5 : headers.XFrameOptions.ToString() is "DENY" or "SAMEORIGIN" ? 0 : -20);
        Count(headers["Referrer-Policy"].ToString() is "no-referrer" or "same-origin" or "strict-origin" or "strict-origin-when-cross-origin" ? 5 : -5);
        Count(headers["Cross-Origin-Resource-Policy"].ToString() is "same-origin" or "same-site" ? 10 : 0);
        return 100 + penalties >= 90 ? 100 + penalties + bonuses : 100 + penalties;

        void Count(int modifier)
        {
            penalties += Math.Min(modifier, 0);
            bonuses += Math.Max(modifier, 0);
        }
    }

    private static int Csp(Dictionary<string, string[]> csp)
    {
        string[] allowed = ["'none'", "'self'"];
        if (!csp.TryGetValue("default-src", out var fallback)) return -25;
        if (csp.Where(directive => directive.Key.EndsWith("-src", StringComparison.Ordinal)).Any(directive => directive.Value.Except(allowed).Any())) return -20;
        return fallback is ["'none'"] && csp["form-action"] is ["'none'"] or ["'self'"] ? 10 : 5;
    }

    private static int Hsts(string value)
    {
        var age = value.Split(';')[0].Split('=');
        return age is ["max-age", var seconds] && int.Parse(seconds) >= 15_768_000 ? 0 : -20;
    }

    private static Dictionary<string, string[]> Directives(string value)
        => value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(text => text.Split(' ')).ToDictionary(words => words[0], words => words[1..], StringComparer.Ordinal);
}
