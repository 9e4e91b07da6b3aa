using System.Collections.Frozen;

namespace Portcullis.Waf.Variables;

/// <summary>The variables by their SecLang names, with what a rule may ask of each.</summary>
internal static class VariableCatalogue
{
    public static readonly int Count = Enum.GetValues<Variable>().Length;

    private static readonly string[] Names = MakeNames();
    private static readonly byte[][] Utf8Names = [.. Names.Select(System.Text.Encoding.ASCII.GetBytes)];
    private static readonly FrozenDictionary<string, Variable> ByName = MakeByName();

    // What ModSecurity has and this engine refuses, each with what to use instead.
    private static readonly FrozenDictionary<string, string> Refused = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["STREAM_INPUT_BODY"] = "bodies are not rewritten; use REQUEST_BODY",
        ["STREAM_OUTPUT_BODY"] = "bodies are not rewritten; use RESPONSE_BODY",
        ["WEBSERVER_ERROR_LOG"] = "the gateway has no error log of a web server",
        ["SDBM_DELETE_ERROR"] = "persistent collections are held in memory",
        ["SCRIPT_FILENAME"] = "the gateway runs no scripts",
        ["SCRIPT_BASENAME"] = "the gateway runs no scripts",
        ["SCRIPT_GID"] = "the gateway runs no scripts",
        ["SCRIPT_GROUPNAME"] = "the gateway runs no scripts",
        ["SCRIPT_MODE"] = "the gateway runs no scripts",
        ["SCRIPT_UID"] = "the gateway runs no scripts",
        ["SCRIPT_USERNAME"] = "the gateway runs no scripts",
        ["ARGS_PATH"] = "paths have no named parameters here; match REQUEST_FILENAME with a regular expression",
        ["PERF_ALL"] = "times of rules are not measured",
        ["PERF_COMBINED"] = "times of rules are not measured",
        ["PERF_GC"] = "times of rules are not measured",
        ["PERF_LOGGING"] = "times of rules are not measured",
        ["PERF_PHASE1"] = "times of rules are not measured",
        ["PERF_PHASE2"] = "times of rules are not measured",
        ["PERF_PHASE3"] = "times of rules are not measured",
        ["PERF_PHASE4"] = "times of rules are not measured",
        ["PERF_PHASE5"] = "times of rules are not measured",
        ["PERF_RULES"] = "times of rules are not measured",
        ["PERF_SREAD"] = "times of rules are not measured",
        ["PERF_SWRITE"] = "times of rules are not measured",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The SecLang name, upper case.</summary>
    public static string Name(Variable variable) => Names[(int)variable];

    public static ReadOnlySpan<byte> Utf8Name(Variable variable) => Utf8Names[(int)variable];

    public static bool TryFind(string name, out Variable variable) => ByName.TryGetValue(name, out variable);

    /// <summary>Why a variable that ModSecurity has is refused, or null if there is no such variable anywhere.</summary>
    public static string? WhyRefused(string name) => Refused.GetValueOrDefault(name);

    public static IEnumerable<string> AllNames => ByName.Keys;

    public static VariableKind Kind(Variable variable) => variable switch
    {
        < Variable.Tx => VariableKind.Message,
        < Variable.MatchedVar => VariableKind.Changing,
        < Variable.ArgsCombinedSize => VariableKind.Text,
        _ => VariableKind.Number,
    };

    /// <summary>Whether the value is a number that <see cref="MessageVariables"/> has.</summary>
    public static bool IsNumberOfMessage(Variable variable)
        => Kind(variable) == VariableKind.Number && variable is not (Variable.HighestSeverity or Variable.Duration or (>= Variable.TimeDay and <= Variable.TimeYear));

    public static bool IsCollection(Variable variable) => variable < Variable.MatchedVar;

    /// <summary>Whether RULE has such a member.</summary>
    public static bool IsOfRule(string? member) => member?.ToUpperInvariant() is "ID" or "MSG" or "SEVERITY" or "REV" or "LOGDATA";

    private static string[] MakeNames()
    {
        var names = new string[Enum.GetValues<Variable>().Length];
        foreach (var variable in Enum.GetValues<Variable>())
        {
            // RequestHeadersNames becomes REQUEST_HEADERS_NAMES.
            names[(int)variable] = string.Concat(variable.ToString().Select((one, at) => at > 0 && char.IsUpper(one) ? $"_{one}" : $"{char.ToUpperInvariant(one)}"));
        }

        names[(int)Variable.SessionId] = "SESSIONID";
        names[(int)Variable.UserId] = "USERID";
        names[(int)Variable.WebappId] = "WEBAPPID";
        names[(int)Variable.FilesTmpNames] = "FILES_TMPNAMES";
        return names;
    }

    private static FrozenDictionary<string, Variable> MakeByName()
    {
        var byName = new Dictionary<string, Variable>(StringComparer.OrdinalIgnoreCase)
        {
            // Other names of the same, as the references have them.
            ["REQBODY_PROCESSOR_ERROR"] = Variable.ReqbodyError,
            ["REQBODY_PROCESSOR_ERROR_MSG"] = Variable.ReqbodyErrorMsg,
            ["MULTIPART_CRLF_LINE"] = Variable.MultipartCrlfLfLines,
        };
        foreach (var variable in Enum.GetValues<Variable>()) byName[Names[(int)variable]] = variable;
        return byName.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }
}
