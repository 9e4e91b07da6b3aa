using System.Net.Http;

namespace Portcullis.Gateway.Configuration.Rules;

/// <summary>What the exporter to a collector would fail on only when it starts or sends.</summary>
internal static class TelemetryRules
{
    private const string Form = "write name=value, several separated by commas; a value holds no comma";

    public static void Check(RuleScope scope)
    {
        if (scope.Options.Telemetry.ExposeWafRules)
            scope.Warning("telemetry.exposeWafRules", "every client is told which rules its requests match, and values of requests go to the decision log", "set it on test benches only");
        else if (scope.Options.Telemetry.ShowMatchedValues)
            scope.Warning("telemetry.showMatchedValues", "values of requests that match a rule go to the decision log: they may be personal or secret", "set it only while you look into matches");
        if (scope.Options.Telemetry.Otlp?.Headers is { } headers && Problem(headers.Reveal()) is { } problem) scope.Error("telemetry.otlp.headers", problem, Form);
    }

    // Never quotes the text: it may be a secret. Fields count from 1.
    private static string? Problem(string headers)
    {
        using var request = new HttpRequestMessage();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "User-Agent" };
        var place = 0;

        // The exporter decodes escapes before it divides, so they hide nothing.
        foreach (var field in Uri.UnescapeDataString(headers).Split(','))
        {
            place++;
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) return $"field {place} has no =";

            var name = field[..equals].Trim();
            var value = field[(equals + 1)..].Trim();
            if (value.AsSpan().ContainsAnyExceptInRange(' ', '~')) return $"the value of field {place} has a control character, or one beyond ASCII";
            if (!request.Headers.TryAddWithoutValidation(name, value)) return $"field {place} has a name that no request header has";
            if (!names.Add(name)) return $"field {place} has a name that is taken";
        }

        return null;
    }
}
