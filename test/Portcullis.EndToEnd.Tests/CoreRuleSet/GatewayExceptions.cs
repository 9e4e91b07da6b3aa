namespace Portcullis.EndToEnd.Tests.CoreRuleSet;

/// <summary>Regression tests that the gateway does not pass, with the reason for each. One that passes again must leave the list.</summary>
internal static class GatewayExceptions
{
    public static IReadOnlyDictionary<string, string> Of(string rules) => rules == "4" ? Crs4 : Crs3;

    private static Dictionary<string, string> Crs3 { get; } = new(StringComparer.Ordinal);

    private static Dictionary<string, string> Crs4 { get; } = new(StringComparer.Ordinal);
}
