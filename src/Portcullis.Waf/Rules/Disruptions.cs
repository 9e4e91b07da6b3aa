using System.Collections.Frozen;

namespace Portcullis.Waf.Rules;

/// <summary>The disruptive actions by their SecLang names; one rule has one.</summary>
internal static class Disruptions
{
    public static readonly FrozenSet<string> Names = new[] { "pass", "block", "deny", "drop", "redirect", "allow", "proxy", "pause" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
