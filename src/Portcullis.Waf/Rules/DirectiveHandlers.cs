using System.Collections.Frozen;
using System.Globalization;
using Portcullis.Waf.Engine;
using Portcullis.Waf.SecLang;
using Portcullis.Waf.Transformations;

namespace Portcullis.Waf.Rules;

/// <summary>What each directive other than the rules' own does to the settings, and which are refused and why (ModSecurity v3 reference manual, "Configuration Directives").</summary>
internal static class DirectiveHandlers
{
    /// <summary>Directives that set something; each gives null, or what is wrong with its argument.</summary>
    public static readonly FrozenDictionary<string, Func<RuleLoader, string, string?>> Settings = new Dictionary<string, Func<RuleLoader, string, string?>>(StringComparer.OrdinalIgnoreCase)
    {
        ["SecRuleEngine"] = (loader, value) => OneOf(value, [("On", EngineMode.On), ("DetectionOnly", EngineMode.DetectionOnly), ("Off", EngineMode.Off)], mode => loader.Settings.Engine = mode),
        ["SecRequestBodyAccess"] = (loader, value) => Switch(value, on => loader.Settings.ReadsRequestBody = on),
        ["SecResponseBodyAccess"] = (loader, value) => Switch(value, on => loader.Settings.ReadsResponseBody = on),
        ["SecRequestBodyLimit"] = (loader, value) => Number(value, 1, 1L << 30, limit => loader.Settings.RequestBodyLimit = limit),
        ["SecRequestBodyNoFilesLimit"] = (loader, value) => Number(value, 1, 1L << 30, limit => loader.Settings.RequestBodyNoFilesLimit = limit),
        ["SecRequestBodyLimitAction"] = (loader, value) => OneOf(value, [("Reject", true), ("ProcessPartial", false)], refuses => loader.Settings.RefusesLongRequestBody = refuses),
        ["SecResponseBodyLimit"] = (loader, value) => Number(value, 1, 1L << 30, limit => loader.Settings.ResponseBodyLimit = limit),
        ["SecResponseBodyLimitAction"] = (loader, value) => OneOf(value, [("Reject", true), ("ProcessPartial", false)], refuses => loader.Settings.RefusesLongResponseBody = refuses),
        ["SecRequestBodyJsonDepthLimit"] = (loader, value) => Number(value, 1, 10_000, limit => loader.Settings.JsonDepthLimit = (int)limit),
        ["SecArgumentsLimit"] = (loader, value) => Number(value, 1, 1_000_000, limit => loader.Settings.ArgumentsLimit = (int)limit),
        ["SecUploadFileLimit"] = (loader, value) => Number(value, 1, 100_000, limit => loader.Settings.UploadFileLimit = (int)limit),
        ["SecCollectionTimeout"] = (loader, value) => Number(value, 1, int.MaxValue, seconds => loader.Settings.CollectionTimeout = TimeSpan.FromSeconds(seconds)),
        ["SecArgumentSeparator"] = (loader, value) => Character(value, one => loader.Settings.ArgumentSeparator = one),
        ["SecCookieV0Separator"] = (loader, value) => Character(value, one => loader.Settings.CookieSeparator = one),
        ["SecCookieFormat"] = (_, value) => value is "0" ? null : "only format 0 (RFC 6265's) is read; the cookies of RFC 2965, format 1, are gone from use",
        ["SecWebAppId"] = (loader, value) => Do(() => loader.Settings.WebAppId = value),
        ["SecComponentSignature"] = (loader, value) => Do(() => loader.Settings.AddComponent(value)),
        ["SecParseXmlIntoArgs"] = (_, value) => value.Equals("Off", StringComparison.OrdinalIgnoreCase) ? null : "XML is matched as XML:/* and XML://@*; only Off is possible",
        ["SecXmlExternalEntity"] = (_, value) => value.Equals("Off", StringComparison.OrdinalIgnoreCase) ? null : "external entities are never resolved; only Off is possible",
        ["SecRuleInheritance"] = (_, value) => value.Equals("On", StringComparison.OrdinalIgnoreCase) ? null : "a rule set has no contexts to inherit from; leave this out",
        ["SecStreamInBodyInspection"] = (_, value) => value.Equals("Off", StringComparison.OrdinalIgnoreCase) ? null : "bodies are not rewritten; only Off is possible",
        ["SecStreamOutBodyInspection"] = (_, value) => value.Equals("Off", StringComparison.OrdinalIgnoreCase) ? null : "bodies are not rewritten; only Off is possible",
        ["SecContentInjection"] = (_, value) => value.Equals("Off", StringComparison.OrdinalIgnoreCase) ? null : "responses are not rewritten; only Off is possible",
        ["SecHashEngine"] = (_, value) => value.Equals("Off", StringComparison.OrdinalIgnoreCase) ? null : "links are not signed; only Off is possible",
        ["SecInterceptOnError"] = (_, value) => value.Equals("On", StringComparison.OrdinalIgnoreCase) ? null : "what an error of the engine does is the policy's onFault, not the rules'; leave this out",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Directives about the logs, files and processes of a web server, which the gateway has its own settings for. They are accepted and do nothing.</summary>
    public static readonly FrozenSet<string> WithoutEffect = new[]
    {
        "SecAuditEngine", "SecAuditLog", "SecAuditLog2", "SecAuditLogDir", "SecAuditLogDirMode", "SecAuditLogFileMode", "SecAuditLogFormat", "SecAuditLogParts",
        "SecAuditLogPrefix", "SecAuditLogRelevantStatus", "SecAuditLogStorageDir", "SecAuditLogType", "SecCacheTransformations", "SecConnEngine", "SecDataDir",
        "SecDebugLog", "SecDebugLogLevel", "SecDisableBackendCompression", "SecPcreMatchLimit", "SecPcreMatchLimitRecursion", "SecPersistenceRetryTime",
        "SecRequestBodyInMemoryLimit", "SecRulePerfTime", "SecRxPreFilter", "SecSensorId", "SecServerSignature", "SecStatusEngine", "SecTmpDir", "SecTmpSaveUploadedFiles",
        "SecUnicodeCodePage", "SecUploadDir", "SecUploadFileMode", "SecUploadKeepFiles",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Directives that ModSecurity or Coraza has and that can't be had here, with what to do instead.</summary>
    public static readonly FrozenDictionary<string, string> Refused = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["SecChrootDir"] = "confine the gateway with systemd or a container",
        ["SecConnReadStateLimit"] = "use the listener's connection limits",
        ["SecConnWriteStateLimit"] = "use the listener's connection limits",
        ["SecGeoLookupDb"] = "there is no geolocation database; use lists of addresses",
        ["SecGsbLookupDb"] = "the service of that database has ended",
        ["SecGuardianLog"] = "no program is run for log lines; use the decision log",
        ["SecHashKey"] = "links are not signed",
        ["SecHashParam"] = "links are not signed",
        ["SecHashMethodRx"] = "links are not signed",
        ["SecHashMethodPm"] = "links are not signed",
        ["SecHttpBlKey"] = "addresses are not looked up over DNS; use lists of addresses",
        ["SecIgnoreRuleCompilationErrors"] = "a rule that can't be understood is never left out silently; correct or remove it",
        ["SecPdfProtect"] = "the browser fault that this guarded against is gone",
        ["SecReadStateLimit"] = "use the listener's connection limits",
        ["SecRemoteRules"] = "rules are read from files only; fetch them in a reviewed step of your deployment",
        ["SecRemoteRulesFailAction"] = "rules are read from files only",
        ["SecRuleScript"] = "rules in Lua are not run; write SecRule",
        ["SecWriteStateLimit"] = "use the listener's connection limits",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary><c>SecUnicodeMapFile FILE CODEPAGE</c>: the mapping that <c>urlDecodeUni</c> uses.</summary>
    public static void UnicodeMapFile(RuleLoader loader, Directive directive)
    {
        if (directive.Arguments.Count != 2 || !int.TryParse(directive.Arguments[1], NumberStyles.None, CultureInfo.InvariantCulture, out var codePage))
        {
            loader.Error(directive, "SecUnicodeMapFile takes a file and a code page: SecUnicodeMapFile unicode.mapping 20127");
            return;
        }

        var path = RulePath.Resolve(directive.Arguments[0], directive.Location.File);
        string? wrong = path is null ? "that is no path" : null;
        var text = path is null ? null : RulePath.Read(path, out wrong);
        if (text is not null && UnicodeMap.Read(text, codePage, out wrong) is { } map) loader.UnicodeMap = map;
        else loader.Error(directive, $"SecUnicodeMapFile {directive.Arguments[0]}: {wrong}");
    }

    private static string? Do(Action action)
    {
        action();
        return null;
    }

    private static string? Switch(string value, Action<bool> set) => OneOf(value, [("On", true), ("Off", false)], set);

    private static string? OneOf<T>(string value, (string Name, T Value)[] known, Action<T> set)
    {
        foreach (var (name, meant) in known)
        {
            if (!name.Equals(value, StringComparison.OrdinalIgnoreCase)) continue;
            set(meant);
            return null;
        }

        return $"'{value}' is none of {string.Join(", ", known.Select(one => one.Name))}";
    }

    private static string? Number(string value, long minimum, long maximum, Action<long> set)
    {
        if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < minimum || number > maximum)
        {
            return $"'{value}' is no whole number from {minimum} to {maximum}";
        }

        set(number);
        return null;
    }

    private static string? Character(string value, Action<byte> set)
    {
        if (value.Length != 1 || value[0] > 0x7E) return $"'{value}' is not one ASCII character";
        set((byte)value[0]);
        return null;
    }
}
