using Portcullis.Waf.Engine;

namespace Portcullis.Waf.Rules;

/// <summary>What the directives of a rule set state besides rules. Limits are in bytes.</summary>
public sealed class RuleSettings
{
    private readonly List<string> components = [];
    private List<string>? responseBodyTypes;

    /// <summary>The largest request body that is looked at where nothing says otherwise, as in ModSecurity's recommended configuration.</summary>
    public const long DefaultRequestBodyLimit = 13_107_200;

    private static readonly IReadOnlyList<string> DefaultResponseBodyTypes = ["text/plain", "text/html", "text/xml"];

    /// <summary><c>SecRuleEngine</c>; null if the files do not say.</summary>
    public EngineMode? Engine { get; internal set; }

    /// <summary><c>SecRequestBodyAccess</c>. Default: on, unlike ModSecurity, as a body that nobody reads is not inspected.</summary>
    public bool ReadsRequestBody { get; internal set; } = true;

    /// <summary><c>SecResponseBodyAccess</c>. Default: off.</summary>
    public bool ReadsResponseBody { get; internal set; }

    /// <summary><c>SecRequestBodyLimit</c>: the whole body. Null if the files do not say.</summary>
    public long? RequestBodyLimit { get; internal set; }

    /// <summary><c>SecRequestBodyNoFilesLimit</c>: a body that is no form with files. Default 1 MiB; ModSecurity's is 128 KiB, too little for JSON APIs.</summary>
    public long RequestBodyNoFilesLimit { get; internal set; } = 1 << 20;

    /// <summary><c>SecRequestBodyLimitAction</c>: whether a longer body is refused, or inspected up to the limit. Default: refused.</summary>
    public bool RefusesLongRequestBody { get; internal set; } = true;

    /// <summary><c>SecResponseBodyLimit</c>. Default 524,288.</summary>
    public long ResponseBodyLimit { get; internal set; } = 524_288;

    /// <summary><c>SecResponseBodyLimitAction</c>: whether a longer body is refused, or inspected up to the limit. Default: inspected up to it.</summary>
    public bool RefusesLongResponseBody { get; internal set; }

    /// <summary><c>SecResponseBodyMimeType</c>: which responses are read. Default <c>text/plain text/html text/xml</c>.</summary>
    public IReadOnlyList<string> ResponseBodyTypes => responseBodyTypes ?? DefaultResponseBodyTypes;

    /// <summary><c>SecRequestBodyJsonDepthLimit</c>. Default 512.</summary>
    public int JsonDepthLimit { get; internal set; } = 512;

    /// <summary><c>SecArgumentsLimit</c>: more arguments are an error of the body (REQBODY_ERROR). Default 1,000.</summary>
    public int ArgumentsLimit { get; internal set; } = 1000;

    /// <summary><c>SecUploadFileLimit</c>: files of one request. Default 100.</summary>
    public int UploadFileLimit { get; internal set; } = 100;

    /// <summary><c>SecArgumentSeparator</c>. Default <c>&amp;</c>.</summary>
    public byte ArgumentSeparator { get; internal set; } = (byte)'&';

    /// <summary><c>SecCookieV0Separator</c> and <c>SecCookieFormat 1</c>'s. Default <c>;</c>.</summary>
    public byte CookieSeparator { get; internal set; } = (byte)';';

    /// <summary><c>SecCollectionTimeout</c>. Default one hour.</summary>
    public TimeSpan CollectionTimeout { get; internal set; } = TimeSpan.FromHours(1);

    /// <summary><c>SecComponentSignature</c>: the names of the rule sets in use.</summary>
    public IReadOnlyList<string> Components => components;

    /// <summary><c>SecWebAppId</c>.</summary>
    public string WebAppId { get; internal set; } = "default";

    internal void AddComponent(string name) => components.Add(name);

    /// <summary>The first ones take the default's place, further ones are added, as in ModSecurity 2.</summary>
    internal void AddResponseBodyTypes(IEnumerable<string> types) => (responseBodyTypes ??= []).AddRange(types);

    internal void ClearResponseBodyTypes() => responseBodyTypes = [];
}
