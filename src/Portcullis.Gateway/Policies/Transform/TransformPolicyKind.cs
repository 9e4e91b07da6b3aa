using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Routing;

namespace Portcullis.Gateway.Policies.Transform;

/// <summary><c>transform</c>: changes to header fields and path between client and upstream.</summary>
internal sealed class TransformPolicyKind : PolicyKind<TransformOptions>
{
    private static readonly string[] Credentials = ["Authorization", "Cookie", "X-Api-Key"];

    public override string Name => "transform";

    public override string Description => "Adds, sets and removes header fields of requests and responses, and changes the path for the upstream.";

    protected override IEnumerable<Policy> Compile(TransformOptions options, RouteCompilation route)
    {
        if (options is { Request: null, Response: null, Path: null }) route.Error(string.Empty, "nothing is changed", "add request, response or path, or leave transform out");

        var request = options.Request ?? new RequestFieldOptions();
        var response = options.Response ?? new ResponseFieldOptions();
        CheckClear("request.set", request.Set);
        CheckClear("request.add", request.Add);
        var secrets = request.SetSecret.ToDictionary(field => field.Key, field => field.Value.Reveal(), StringComparer.Ordinal);
        var requestChanges = new FieldChanges(
            CheckNames("request.remove", request.Remove), Check("request.set", request.Set).Concat(Check("request.setSecret", secrets)), Check("request.add", request.Add));
        var responseChanges = new FieldChanges(CheckNames("response.remove", response.Remove), Check("response.set", response.Set), Check("response.add", response.Add));
        var path = options.Path is { } change ? PathChange.Compile(change, route) : null;
        return [new TransformPolicy(requestChanges, responseChanges, path, secrets.Keys.Contains("Authorization", StringComparer.OrdinalIgnoreCase))];

        IReadOnlyList<string> CheckNames(string key, IReadOnlyList<string> names)
        {
            for (var i = 0; i < names.Count; i++) CheckName($"{key}[{i}]", names[i], route);
            return names;
        }

        List<KeyValuePair<string, StringValues>> Check(string key, IReadOnlyDictionary<string, string> fields)
        {
            foreach (var (name, value) in fields)
            {
                CheckName($"{key}.{name}", name, route);
                if (!FieldValue.IsValid(value)) route.Error($"{key}.{name}", "the value can't be sent as a field", "write visible ASCII characters on one line; to send no value, remove the field");
            }

            return [.. fields.Select(field => KeyValuePair.Create(field.Key, new StringValues(field.Value)))];
        }

        void CheckClear(string key, IReadOnlyDictionary<string, string> fields)
        {
            foreach (var name in fields.Keys.Where(name => Credentials.Contains(name, StringComparer.OrdinalIgnoreCase)))
                route.Error($"{key}.{name}", $"{name} carries credentials, which would stand in logs and exports", $"write it under request.setSecret: {{ {name}: \"${{env:NAME}}\" }}");
        }
    }

    private static void CheckName(string at, string name, RouteCompilation route)
    {
        if (name.Length == 0 || name.AsSpan().ContainsAnyExcept(RouteCharacters.Token))
            route.Error(at, $"{Excerpt.Quote(name)} is not a field name", "use letters, digits and hyphens (RFC 9110 §5.6.2)");
        else if (ReservedFields.Contains(VariableName.Of(name)))
            route.Error(at, $"{name} frames the message or is the gateway's own", "leave it out; the gateway sets what upstreams need");
        else if ((at.StartsWith("request.set", StringComparison.Ordinal) || at.StartsWith("request.add", StringComparison.Ordinal)) && RequestFields.IsProxys(VariableName.Of(name)))
            route.Error(at, $"{name} is one of the fields by which proxies tell upstreams of clients, and never goes to an upstream", "choose another name");
    }
}
