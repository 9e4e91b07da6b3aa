using System.Globalization;
using System.Net;
using Portcullis.EndToEnd.Tests.CoreRuleSet.Running;
using Portcullis.EndToEnd.Tests.CoreRuleSet.Yardsticks;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet;

/// <summary>What the steps run by hand are told by environment variables; README.md beside this type lists them.</summary>
internal static class Settings
{
    public static RuleSource Rules => RuleSource.Named(Text("RULES", "3.3.4"));

    public static ServerKind Server => ServerKind.Named(Text("SERVER", "apache"));

    public static string File => Required("FILE");

    public static string Out => Required("OUT");

    public static int Seed => int.Parse(Text("SEED", "1"), CultureInfo.InvariantCulture);

    public static int Count => int.Parse(Text("COUNT", "1000"), CultureInfo.InvariantCulture);

    /// <summary>A firewall that runs already, with the log that tells of it, or the engine alone; null where none is named.</summary>
    public static IWafEndpoint? Endpoint()
    {
        if (Text("ENDPOINT", string.Empty) is not { Length: > 0 } name) return null;
        if (name == "engine") return new EngineEndpoint(Rules);
        var address = IPEndPoint.Parse(name);
        return new WafEndpoint(name, address, Text("LOG", "header").Split(':', 2) switch
        {
            ["errors", var file] => new ErrorLog(file, address),
            ["decisions", var file] => new DecisionLog(file),
            ["header"] => new ResponseHeaderLog(),
            _ => throw new ArgumentException("PORTCULLIS_CRS_LOG is header, errors:FILE or decisions:FILE"),
        });
    }

    private static string Required(string name)
        => Text(name, string.Empty) is { Length: > 0 } value ? value : throw new ArgumentException($"PORTCULLIS_CRS_{name} is not set");

    private static string Text(string name, string otherwise) => Environment.GetEnvironmentVariable("PORTCULLIS_CRS_" + name) is { Length: > 0 } value ? value : otherwise;
}
