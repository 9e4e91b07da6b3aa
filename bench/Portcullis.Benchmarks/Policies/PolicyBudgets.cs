using System.Net;
using Microsoft.AspNetCore.Http;
using Portcullis.Benchmarks.Budgets;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Policies.Cors;
using Portcullis.Gateway.Policies.RateLimit;
using Portcullis.Gateway.Policies.Transform;

namespace Portcullis.Benchmarks.Policies;

/// <summary>What policies may allocate per request: nothing.</summary>
internal static class PolicyBudgets
{
    public static IEnumerable<AllocationBudget> All
    {
        get
        {
            var store = new LimitStore(TimeProvider.System);
            var scope = store.Scope("budget");
            var rate = new LimitRate(Interval: 1, Burst: 1000);
            var v4 = IPAddress.Parse("192.0.2.1");
            var v6 = IPAddress.Parse("2001:db8::1");
            var origins = new OriginSet([new("https://app.example.com", null), new("https://", ".example.org")], allowsAny: false, allowsOpaque: false);
            var replaced = new FieldSpellings(["X-Tenant", "X_Debug"]);
            var fields = new HeaderDictionary { ["X-Tenant-Name"] = "a" };

            return
            [
                new("limit: by IPv4 address", 0, () => store.Take(scope, scope.KeyOf(v4), rate, store.Clock.GetTimestamp())),
                new("limit: by IPv6 address", 0, () => store.Take(scope, scope.KeyOf(v6), rate, store.Clock.GetTimestamp())),
                new("limit: by caller", 0, () => store.Take(scope, scope.KeyOf("client\nsubject"), rate, store.Clock.GetTimestamp())),
                new("cors: exact origin", 0, () => origins.Allows("https://app.example.com")),
                new("cors: origin by wildcard", 0, () => origins.Allows("https://a.b.example.org")),
                new("cors: other origin", 0, () => origins.Allows("https://evil.example")),
                new("transform: fields that the client may not say", 0, () => replaced.RemoveFrom(fields, VariableName.IsPlain("X-Tenant-Name"))),
                new("forward: a field that goes on", 0, () => RequestFields.MayPass("X-Tenant-Name", forwardAuthorization: false, forwardApiKey: false)),
            ];
        }
    }
}
