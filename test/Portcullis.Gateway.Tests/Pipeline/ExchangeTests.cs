using System.Collections;
using System.Collections.Frozen;
using System.Diagnostics;
using System.Net;
using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Authenticate;
using Portcullis.Gateway.Policies.RateLimit;
using Portcullis.Gateway.Policies.Waf;
using Portcullis.Gateway.Routing;
using Portcullis.Gateway.Telemetry;

namespace Portcullis.Gateway.Tests.Pipeline;

public sealed class ExchangeTests
{
    private const string LastToken = "<LastToken>k__BackingField";
    private const string LastHost = "<LastHost>k__BackingField";
    private const BindingFlags Members = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;

    [Fact]
    public void Nothing_of_a_request_is_left_for_the_next_one()
    {
        Assert.True(RoutePattern.TryParse("/{**rest}", out var pattern, out _));
        var exchange = ExchangeFactory.Create(caller: new Caller("s", "c", ["a:b"]));
        using var activity = new Activity("a");
        exchange.Route = new CompiledRoute("r", [], new RedirectTerminal(new()), new RouteCounters("r"));
        exchange.Snapshot = new GatewaySnapshot { Version = 1, Options = new(), Clusters = new ClusterPlan([]), Routes = FrozenDictionary<string, RouteTable<CompiledRoute>>.Empty };
        exchange.Pattern = pattern;
        exchange.Trace = TraceContext.Start("0123456789abcdef0123456789abcdef");
        exchange.ListenerName = exchange.UpstreamAuthorization = exchange.UpstreamPath = exchange.Destination = exchange.Shadowed = exchange.Step = "x";
        exchange.ForwardAuthorization = exchange.DropsApiKey = exchange.IsFromTrustedProxy = exchange.HasPlainFields = true;
        exchange.Rules = new ConnectionRules("x", new ListenerOptions { Address = new ListenAddress(new IPEndPoint(IPAddress.Loopback, 0)) });
        exchange.Activity = activity;
        exchange.StartedAt = exchange.UpstreamTicks = exchange.ResponseBytes = 7;
        exchange.Fail(RefusalCode.InternalError, "x");
        exchange.LimitReport = new LimitReport(null, 1, 1);
        exchange.Attempt = new LimitStanding(true, 1, 1, 1);
        exchange.AddResponseField("Access-Control-Allow-Origin", "https://a.example");
        exchange.PresentedToken = new PresentedToken("x".AsMemory(), null);
        exchange.LastHost = ("A", default, "a");
        exchange.HeldBody = System.IO.Pipelines.PipeReader.Create(Stream.Null);
        exchange.AuthenticatedBy = AuthenticationMethod.Token;
        exchange.IsDropped = true;
        exchange.Inspection = new Inspection();
        Assert.Equal([LastToken], Names(field => IsEmpty(field, exchange)));

        // What is known of token and host is found by the same string alone, which the server keeps for just as long.
        exchange.End();
        Assert.Equal([LastToken, LastHost], Names(field => !IsEmpty(field, exchange)).Order(StringComparer.Ordinal).Reverse());

        exchange.End();
        Assert.Equal([LastHost], Names(field => !IsEmpty(field, exchange)));

        static IEnumerable<string> Names(Func<FieldInfo, bool> which) => Fields().Where(which).Select(static field => field.Name);
    }

    [Fact]
    public async Task Nothing_is_left_either_where_closing_the_record_fails()
    {
        var metrics = new GatewayMetrics();
        await using var decisions = new DecisionLog(metrics, new AddressMask(), TimeProvider.System, NullLogger<DecisionLog>.Instance);
        var runner = new RequestRunner(new SnapshotHolder(), new RequestRecorder(metrics, decisions, new BrokenClock()), NullLogger<RequestRunner>.Instance);
        var exchange = ExchangeFactory.Create(caller: new Caller("s", "c", ["a:b"]));

        Assert.Throws<TimeZoneNotFoundException>(() => new DataPlaneApplication(runner).DisposeContext(exchange, null));

        Assert.Null(exchange.Caller);
        Assert.Empty(exchange.RequestId);
    }

    /// <summary>All but the connection, which is the same for every request of an exchange, and the inspection, which ends with each.</summary>
    private static IEnumerable<FieldInfo> Fields() => typeof(Exchange).GetFields(Members).Where(static field => field.FieldType != typeof(ClientConnection) && field.FieldType != typeof(Inspection) && !field.Name.StartsWith("<LocalAddress>", StringComparison.Ordinal));

    private static bool IsEmpty(FieldInfo field, Exchange exchange)
    {
        var value = field.GetValue(exchange);
        return value switch
        {
            null or "" => true,
            ICollection { Count: 0 } => true,
            IPAddress address => address.Equals(IPAddress.None),
            _ => field.FieldType.IsValueType && value.Equals(Activator.CreateInstance(field.FieldType)),
        };
    }

    private sealed class BrokenClock : TimeProvider
    {
        public override long GetTimestamp() => throw new TimeZoneNotFoundException();
    }
}
