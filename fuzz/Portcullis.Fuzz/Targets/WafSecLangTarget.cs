using System.Text;
using Portcullis.Waf;

namespace Portcullis.Fuzz.Targets;

/// <summary>
/// The text of a rule file. It is refused with errors that say where, or it compiles, and then requests go through it without an exception. Files that the
/// text names are looked for in a folder that does not exist.
/// </summary>
internal sealed class WafSecLangTarget : IFuzzTarget
{
    private const string File = "/portcullis-fuzz/none/rules.conf";

    public string Name => "waf-seclang";

    public IReadOnlyList<string> Dictionary { get; } =
    [
        "SecRule ", "SecAction ", "SecMarker ", "SecDefaultAction ", "SecRuleUpdateTargetById ", "SecRuleRemoveByTag ", "SecRuleUpdateActionById ",
        "Include ", "SecDataset ", "`", "\\\n", "\"", "'", "#", "ARGS", "ARGS_NAMES", "TX:/a/", "&ARGS", "!ARGS:a", "REQUEST_HEADERS:Host", "XML:/*",
        "XML://@*", "MATCHED_VARS", "RULE:id", "IP:a", "REQUEST_BODY", "FULL_REQUEST", "RESPONSE_BODY", "DURATION", "@rx ", "@pm ", "!@", "@eq ", "@within ",
        "@ipMatch ", "@validateByteRange 1-255", "@detectSQLi", "@verifyCC \\d{13,16}", "@rx (?=a)", "@rx ^%{tx.a}$", "%{", "}", "%{MATCHED_VAR}", ",id:7",
        ",phase:", ",chain", ",capture", ",multiMatch", ",t:", "t:none", "t:hexEncode", "t:urlDecodeUni", "t:length", ",setvar:tx.a=+1",
        ",setvar:'tx.%{MATCHED_VAR_NAME}=%{MATCHED_VAR}%{tx.a}'", ",skipAfter:END", ",skip:1", ",ctl:ruleEngine=Off", ",ctl:ruleRemoveTargetById=1;ARGS:a",
        ",ctl:requestBodyProcessor=XML", ",initcol:ip=%{REMOTE_ADDR}", ",expirevar:ip.a=5", ",block", ",deny", ",redirect:/%{ARGS.a}", ",allow:phase",
        ",severity:2", ",msg:'%{TX.0}'", ",logdata:'%{MATCHED_VAR}'", ",sanitiseArg:a", ",status:500", ",xmlns:a=b",
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        var result = RuleSet.Parse(Encoding.Latin1.GetString(input), File);
        BrokenInvariantException.Unless(result.RuleSet is null != (result.Errors.Count == 0), "rules compile or there are errors");
        foreach (var error in result.Errors)
            BrokenInvariantException.Unless(error.Message.Length > 0 && error.Location.Line > 0, "an error says what and where");
        if (result.RuleSet is not { } rules) return;

        var settings = rules.Prepare(new InspectionOptions { ParanoiaLevel = 4 }, out _);
        BrokenInvariantException.Unless(settings is not null, "plain options suit every rule set");
        foreach (var request in WafRequest.Samples)
        {
            var first = request.Run(rules, settings!);
            BrokenInvariantException.Unless(first == request.Run(rules, settings!), "a reused transaction comes to the same");
        }
    }
}
