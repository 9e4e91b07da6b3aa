namespace Portcullis.EndToEnd.Tests.CoreRuleSet;

/// <summary>
/// Regression tests that the gateway does not pass, with the reason for each: all of the server around the engine. One that passes again must leave the list.
/// </summary>
internal static class GatewayExceptions
{
    private const string Connect = "CONNECT is refused with 405: a gateway is no open proxy";
    private const string Framing = "Content-Length beside Transfer-Encoding is refused as an attempt at smuggling (RFC 9112 §6.1), and logged; Apache drops the length";
    private const string Duplicate = "Content-Type is sent twice, and the rule for that matches; Apache joins the two before the rules see them";
    private const string Served = "an encoded octet that is not UTF-8 is expected to be refused by the server behind; the rule is logged, as expected";
    private const string Setting = "needs arg_name_length or max_num_args, which the compared set-up leaves alone";

    public static IReadOnlyDictionary<string, string> Of(string rules) => rules == "4" ? Crs4 : Crs3;

    private static Dictionary<string, string> Crs3 { get; } = new(StringComparer.Ordinal)
    {
        ["920181-1"] = Framing,
        ["920272-5"] = Served,
    };

    private static Dictionary<string, string> Crs4 { get; } = new(StringComparer.Ordinal)
    {
        ["920100-4"] = Connect,
        ["920181-1"] = Framing,
        ["920360-1"] = Setting,
        ["920380-1"] = Setting,
        ["920620-1"] = Duplicate,
    };
}
