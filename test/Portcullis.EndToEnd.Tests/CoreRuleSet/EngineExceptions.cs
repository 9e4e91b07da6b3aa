namespace Portcullis.EndToEnd.Tests.CoreRuleSet;

/// <summary>
/// Regression tests that the engine without a server around it does not pass, with the reason for each. One that passes again must leave the list.
/// </summary>
internal static class EngineExceptions
{
    private const string Refusal = "expects the server to refuse the request, or to have refused it before the rules";
    private const string Silence = "expects the server to give no answer";
    private const string Version = "the server must take any version of the protocol";
    private const string Framing = "the server must drop Content-Length where there is Transfer-Encoding";
    private const string Merging = "the server must join header fields of one name";
    private const string Backend = "expects a backend that refuses";
    private const string Setting = "needs arg_name_length or max_num_args, which the compared set-up leaves alone";

    public static IReadOnlyDictionary<string, string> Of(string rules) => rules == "4" ? Crs4 : Crs3;

    private static Dictionary<string, string> Crs3 { get; } = new(StringComparer.Ordinal)
    {
        ["920100-2"] = Refusal,
        ["920100-4"] = Backend,
        ["920100-5"] = Refusal,
        ["920100-8"] = Refusal,
        ["920100-11"] = Refusal,
        ["920100-12"] = Refusal,
        ["920100-15"] = Refusal,
        ["920181-1"] = Framing,
        ["920270-4"] = Refusal,
        ["920272-5"] = Backend,
        ["920290-1"] = Refusal,
        ["920340-2"] = Silence,
        ["920400-1"] = Silence,
        ["920430-5"] = Silence,
        ["920430-8"] = Version,
        ["921140-1"] = Refusal,
        ["932100-3"] = Refusal,
    };

    private static Dictionary<string, string> Crs4 { get; } = new(StringComparer.Ordinal)
    {
        ["920100-2"] = Refusal,
        ["920100-5"] = Refusal,
        ["920100-8"] = Refusal,
        ["920100-11"] = Refusal,
        ["920100-12"] = Refusal,
        ["920100-15"] = Refusal,
        ["920181-1"] = Framing,
        ["920270-4"] = Refusal,
        ["920274-1"] = Refusal,
        ["920290-1"] = Refusal,
        ["920360-1"] = Setting,
        ["920380-1"] = Setting,
        ["920430-5"] = Silence,
        ["920430-8"] = Version,
        ["920610-2"] = Refusal,
        ["920620-1"] = Merging,
        ["921140-1"] = Refusal,
    };
}
