using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>The whole configuration file. Immutable; every key that is not here is an error.</summary>
public sealed record GatewayOptions
{
    [Description("Directory for keys, certificates and the database; made with mode 0700. Relative paths start at the configuration file. Default: ./portcullis-data")]
    [FilePath]
    public string Data { get; init; } = "./portcullis-data";

    [Description("Where the gateway listens, by name.")]
    public IReadOnlyDictionary<string, ListenerOptions> Listeners { get; init; } = new Dictionary<string, ListenerOptions>(StringComparer.Ordinal);

    [Description("The listener for health, metrics and administration.")]
    public AdminOptions Admin { get; init; } = new();

    [Description("Groups of equal upstream servers, by name.")]
    public IReadOnlyDictionary<string, ClusterOptions> Clusters { get; init; } = new Dictionary<string, ClusterOptions>(StringComparer.Ordinal);

    [Description("What is served and under which policies, by name. What no route matches is answered 404.")]
    public IReadOnlyDictionary<string, RouteOptions> Routes { get; init; } = new Dictionary<string, RouteOptions>(StringComparer.Ordinal);

    [Description("The rules of the web application firewall, for all routes that have the waf policy.")]
    public WafOptions Waf { get; init; } = new();

    [Description("The gateway's own token service and the issuers it trusts.")]
    public IdentityOptions? Identity { get; init; }

    [Description("The key ring: what protects it, and how often keys are replaced.")]
    public KeyOptions Keys { get; init; } = new();

    [Description("Permissions under names, by name, for people and programs.")]
    public IReadOnlyDictionary<string, RoleOptions> Roles { get; init; } = new Dictionary<string, RoleOptions>(StringComparer.Ordinal);

    [Description("Lists of permissions that exclude each other: nobody may hold two of one list.")]
    public IReadOnlyList<SeparationOptions> SeparationOfDuties { get; init; } = [];

    [Description("Classes of data that routes are marked with, by name, beside public, internal, confidential and restricted, which alone is sensitive unless told.")]
    public IReadOnlyDictionary<string, DataClassOptions> DataClasses { get; init; } = new Dictionary<string, DataClassOptions>(StringComparer.Ordinal);

    [Description("Logs, metrics and traces.")]
    public TelemetryOptions Telemetry { get; init; } = new();

    [Description("The database.")]
    public StorageOptions Storage { get; init; } = new();

    [Description("How long requests in flight may take to finish when the gateway stops or a listener goes. Default: 30s")]
    [Between("0s", "1h")]
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
