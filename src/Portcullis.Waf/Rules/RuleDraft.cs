using System.Globalization;
using Portcullis.Waf.SecLang;

namespace Portcullis.Waf.Rules;

/// <summary>A rule with its chain as written, or a marker, in the order of the files.</summary>
internal sealed class RuleDraft
{
    /// <summary>The links; none for a marker.</summary>
    public List<LinkDraft> Links { get; } = [];

    public string? Marker { get; init; }

    public long Id { get; init; }

    public Phase Phase { get; init; } = Phase.RequestBody;

    /// <summary>The default actions of the phase as they were where the rule stands.</summary>
    public IReadOnlyList<ActionSyntax> Defaults { get; init; } = [];

    public SourceLocation Location => Links[0].Location;

    public IEnumerable<string> Tags
        => Defaults.Concat(Links.SelectMany(link => link.Actions)).Where(action => action.Is("tag")).Select(action => action.Value ?? "");

    public string? Message => Links.Count == 0 ? null : Links[0].Action("msg");

    public static Phase? ReadPhase(string? text) => text?.ToUpperInvariant() switch
    {
        "REQUEST" => Phase.RequestBody,
        "RESPONSE" => Phase.ResponseBody,
        "LOGGING" => Phase.Logging,
        _ when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 5 => (Phase)number,
        _ => null,
    };
}
