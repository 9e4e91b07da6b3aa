using Portcullis.Gateway.Policies.Waf.Recording;
using Portcullis.Gateway.Telemetry;
using Portcullis.Waf;
using Portcullis.Waf.Engine;
using Portcullis.Waf.Variables;

namespace Portcullis.Gateway.Policies.Waf;

/// <summary>What the waf policy of one route comes to, compiled. Immutable.</summary>
internal sealed class RouteInspection
{
    public required RuleSet Rules { get; init; }

    /// <summary>By time: an exclusion that ends needs no reload. The first is from the beginning of time.</summary>
    public required IReadOnlyList<TimedSettings> Settings { get; init; }

    /// <summary>The level that is set for the route; 1 where the rules decide themselves.</summary>
    public required int Paranoia { get; init; }

    public required bool IsDetecting { get; init; }

    /// <summary>Whether requests pass that the rules could not be applied to.</summary>
    public required bool FaultsPass { get; init; }

    /// <summary>Whether a body longer than is inspected refuses the request.</summary>
    public required bool RefusesLongBody { get; init; }

    /// <summary>Most octets of a request's body that are inspected.</summary>
    public required long BodyLimit { get; init; }

    /// <summary>Most octets of a response's body that are held back.</summary>
    public required long ResponseLimit { get; init; }

    /// <summary>Whether response bodies are inspected, so that upstreams are asked for bodies that can be read.</summary>
    public required bool InspectsResponses { get; init; }

    /// <summary>How long a client may be silent within its body.</summary>
    public required TimeSpan BodyTimeout { get; init; }

    /// <summary>Whether the route can carry gRPC: its streams may have no end before the answer.</summary>
    public required bool MayStream { get; init; }

    /// <summary>Whether responses and the decision log tell everything.</summary>
    public required bool Exposes { get; init; }

    /// <summary>Whether the decision log shows values that matched.</summary>
    public required bool ShowsValues { get; init; }

    public required BodyMemory Memory { get; init; }

    public required PersistentCollections Collections { get; init; }

    public required WafCounters Counters { get; init; }

    /// <summary>Records requests; null where nothing does.</summary>
    public RequestRecording? Recording { get; init; }

    public required TimeProvider Clock { get; init; }

    /// <summary>The decision of a request that nothing was found in.</summary>
    public WafDecision Clean => field ??= new WafDecision { Mode = Mode };

    public string Mode => IsDetecting ? "detect" : "block";

    public Transaction Begin() => Rules.Begin(Current, Collections, Clock);

    private TransactionSettings Current
    {
        get
        {
            if (Settings.Count == 1) return Settings[0].Settings;
            var now = Clock.GetUtcNow();
            var index = Settings.Count - 1;
            while (index > 0 && Settings[index].From > now) index--;
            return Settings[index].Settings;
        }
    }
}
