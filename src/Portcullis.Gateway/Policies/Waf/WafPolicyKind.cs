using System.Globalization;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Pipeline;
using Portcullis.Waf;
using Portcullis.Waf.Engine;

namespace Portcullis.Gateway.Policies.Waf;

/// <summary>
/// <c>waf</c>: requests and responses before the rules of the web application firewall. The head is inspected before authentication, the rest when the
/// caller is known and permitted.
/// </summary>
internal sealed class WafPolicyKind : PolicyKind<WafPolicyOptions>
{
    private const int MostExclusions = 1000;

    public override string Name => "waf";

    public override string Description => "Holds requests and responses against the rules of the web application firewall (waf), and refuses attacks.";

    protected override IEnumerable<Policy> Compile(WafPolicyOptions options, RouteCompilation route)
    {
        if (options.Mode == WafMode.Off)
        {
            route.Warning(string.Empty, "no rule of the firewall runs on this route", "write block, or detect to see first what it would refuse");
            return [];
        }

        if (options.Mode == WafMode.Detect) route.Warning(string.Empty, "the firewall refuses nothing on this route", "write block once the decision log shows nothing that is no attack");
        if (route.Rules is not { } rules) return [];
        if (Exclusions(options, rules, route) is not { } exclusions || Settings(options, rules, exclusions, route) is not { } settings) return [];

        var gateway = route.Gateway;
        var clusters = new[] { route.Route.Cluster }.Concat(route.Route.Split?.Select(arm => arm.Cluster) ?? []).OfType<string>()
            .Select(gateway.Clusters.GetValueOrDefault).OfType<ClusterOptions>().ToList();
        var inspection = new RouteInspection
        {
            Rules = rules,
            Settings = settings,
            Paranoia = options.Paranoia ?? 1,
            IsDetecting = options.Mode == WafMode.Detect,
            FaultsPass = gateway.Waf.OnFault == WafFaultAction.Pass,
            RefusesLongBody = options is { BeyondBodyLimit: BeyondLimit.Refuse, Mode: WafMode.Block },
            BodyLimit = options.BodyLimit,
            ResponseLimit = options.ResponseLimit,
            InspectsResponses = InspectsResponses(options, gateway),
            BodyTimeout = clusters.Count == 0 ? TimeSpan.FromSeconds(30) : clusters.Max(cluster => cluster.BodyTimeout),
            MayStream = clusters.Exists(cluster => cluster.Protocol == UpstreamProtocol.Http2),
            Exposes = gateway.Telemetry.ExposeWafRules,
            ShowsValues = gateway.Telemetry.ShowMatchedValues || gateway.Telemetry.ExposeWafRules,
            Memory = route.State.Rules.Bodies,
            Collections = route.State.Rules.Collections,
            Counters = route.State.Metrics?.Waf ?? new Telemetry.WafCounters(),
            Recording = route.State.Recording,
            Clock = route.State.Clock,
        };
        var logger = route.State.Loggers.CreateLogger(typeof(WafPolicyKind).FullName!);
        return [new WafHeadPolicy(inspection, logger), new WafBodyPolicy()];
    }

    private static bool InspectsResponses(WafPolicyOptions options, GatewayOptions gateway) => options.InspectResponses ?? gateway.Waf.InspectResponses;

    // Each by itself, so that what is wrong is told at its place.
    private static List<(RuleExclusion Exclusion, DateTimeOffset? Until)>? Exclusions(WafPolicyOptions options, RuleSet rules, RouteCompilation route)
    {
        if (options.Exclude.Count > MostExclusions)
        {
            route.Error("exclude", $"there are {options.Exclude.Count} exclusions", $"write at most {MostExclusions}, or remove the rules in a rule file");
            return null;
        }

        var exclusions = new List<(RuleExclusion, DateTimeOffset?)>();
        var isValid = true;
        for (var i = 0; i < options.Exclude.Count; i++)
        {
            var item = options.Exclude[i];
            var at = $"exclude[{i}]";
            if (item.Rule is null == item.Tag is null)
            {
                if (!route.HasErrorAt(at)) route.Error(at, item.Rule is null ? "names no rule and no tag" : "names a rule and a tag", "write rule: 942100, or tag: attack-sqli");
                isValid = false;
                continue;
            }

            var until = item.Until?.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc) is { } end ? new DateTimeOffset(end) : (DateTimeOffset?)null;
            if (until <= route.State.Clock.GetUtcNow())
                route.Warning($"{at}.until", $"the exclusion has ended on {item.Until!.Value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}: the rules run again", "remove it, or set a later day");

            var which = new RuleExclusion(item.Rule?.ToString() ?? item.Tag!);
            isValid &= Check(which, at + (item.Rule is null ? ".tag" : ".rule"), "see the ids and tags in the decision log, or in the rule files");
            if (item.Target is not null) isValid &= Check(which with { Target = item.Target }, at + ".target", "write a variable, and perhaps one member of it, such as ARGS:comment");
            exclusions.Add((which with { Target = item.Target }, until));
        }

        return isValid ? exclusions : null;

        bool Check(RuleExclusion exclusion, string path, string hint)
        {
            rules.Prepare(new InspectionOptions { Exclusions = [exclusion] }, out var errors);
            foreach (var error in errors)
            {
                // What is wrong with the rule has been said at the rule.
                if (exclusion.Target is null || !error.StartsWith("no rule has", StringComparison.Ordinal)) route.Error(path, error, hint);
            }

            return errors.Count == 0;
        }
    }

    private static List<TimedSettings>? Settings(WafPolicyOptions options, RuleSet rules, List<(RuleExclusion Exclusion, DateTimeOffset? Until)> exclusions, RouteCompilation route)
    {
        var settings = new List<TimedSettings>();
        foreach (var from in exclusions.Select(item => item.Until).OfType<DateTimeOffset>().Append(DateTimeOffset.MinValue).Distinct().Order())
        {
            var prepared = rules.Prepare(
                new InspectionOptions
                {
                    Mode = options.Mode == WafMode.Detect ? EngineMode.DetectionOnly : EngineMode.On,
                    ParanoiaLevel = options.Paranoia,
                    InboundThreshold = options.AnomalyThreshold?.Inbound,
                    OutboundThreshold = options.AnomalyThreshold?.Outbound,
                    Exclusions = [.. exclusions.Where(item => item.Until is not { } until || until > from).Select(item => item.Exclusion)],
                    InspectsResponseBody = InspectsResponses(options, route.Gateway),
                    RequestBodyLimit = options.BodyLimit,
                    RefusesLongRequestBody = false, // the policy does, before the rules run
                    ResponseBodyLimit = options.ResponseLimit,
                },
                out var errors);
            foreach (var error in errors) route.Error(string.Empty, error, "see the documentation of waf");
            if (prepared is null) return null;
            settings.Add(new TimedSettings(from, prepared));
        }

        return settings;
    }
}
