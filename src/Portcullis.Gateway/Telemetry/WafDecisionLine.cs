using System.Globalization;
using System.Text.Json;
using Portcullis.Gateway.Policies.Waf;
using Portcullis.Waf.Engine;

namespace Portcullis.Gateway.Telemetry;

/// <summary>The member <c>waf</c> of a decision record.</summary>
internal static class WafDecisionLine
{
    public static void Write(Utf8JsonWriter json, WafDecision waf)
    {
        json.WriteStartObject("waf"u8);
        json.WriteString("mode"u8, waf.Mode);
        json.WriteNumber("score"u8, waf.Score);
        if (waf.OutboundScore != 0) json.WriteNumber("outboundScore"u8, waf.OutboundScore);
        json.WriteStartArray("rules"u8);
        foreach (var id in waf.Rules) json.WriteNumberValue(id);
        json.WriteEndArray();
        if (waf.Hits.Count > 0)
        {
            json.WriteStartArray("hits"u8);
            foreach (var hit in waf.Hits) Write(json, hit, waf.ShowsValues);
            json.WriteEndArray();
        }

        if (waf.Fault is not null) json.WriteString("fault"u8, waf.Fault);
        Write(json, "inspectedBytes"u8, waf.RequestCut);
        Write(json, "inspectedResponseBytes"u8, waf.ResponseCut);
        json.WriteEndObject();
    }

    /// <summary>What a value looks like, without telling it: its first character and its length.</summary>
    internal static string Mask(string value) => value.Length switch
    {
        0 => string.Empty,
        1 => "…(1)",
        _ => string.Create(CultureInfo.InvariantCulture, $"{(char.IsSurrogate(value[0]) ? string.Empty : value[..1])}…({value.Length})"),
    };

    private static void Write(Utf8JsonWriter json, RuleHit hit, bool showsValues)
    {
        json.WriteStartObject();
        json.WriteNumber("id"u8, hit.RuleId);
        json.WriteNumber("phase"u8, (int)hit.Phase);
        if (hit.Severity != Portcullis.Waf.Rules.Severity.None) json.WriteString("severity"u8, hit.Severity.ToString().ToLowerInvariant());
        // With its macros filled in, a message may quote anything the client sent.
        if ((showsValues ? hit.Message : hit.MessageAsWritten) is { } message) json.WriteString("msg"u8, message);
        json.WriteString("variable"u8, hit.Variable);
        json.WriteString("value"u8, showsValues ? hit.Value : Mask(hit.Value));
        if (showsValues && hit.Data is { } data) json.WriteString("data"u8, data);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, InspectionCut? cut)
    {
        if (cut is null) return;
        json.WriteStartObject(name);
        json.WriteNumber("bytes"u8, cut.Bytes);
        if (cut.Of is { } whole) json.WriteNumber("of"u8, whole);
        json.WriteString("reason"u8, cut.Reason);
        json.WriteEndObject();
    }
}
