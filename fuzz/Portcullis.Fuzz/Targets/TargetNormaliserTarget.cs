using System.Text;
using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Routing;

namespace Portcullis.Fuzz.Targets;

/// <summary>
/// The request target: input is the method, a line feed, the Host, a line feed and the raw target. What is accepted must be in normal form
/// (normalising it again changes nothing), hold nothing that an upstream could read in another way, and be routed without failing.
/// </summary>
internal sealed class TargetNormaliserTarget : IFuzzTarget
{
    private static readonly TargetOptions[] Options = [TargetOptions.Default, new() { EncodedSlashes = EncodedSlashes.Keep, MaximumPathLength = 512 }];

    private readonly RouteTable<string> routes = Routes();

    public string Name => "target";

    public IReadOnlyList<string> Dictionary { get; } =
    [
        "/", "//", ".", "..", "/../", "/./", ";", "?", "#", "%", "%2e", "%2F", "%5c", "%25", "%00", "%0a", "%C3%A9", "%C0%AE", "%ED%A0%80", "%F0%9F%98%80",
        "http://", "https://", "example.com", ":80", ":443", "@", "*", "\\", "\n", "CONNECT", "OPTIONS", "[::1]", "|", "%7e", "%3b", "%EF%BF%BF",
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        var text = Encoding.Latin1.GetString(input);
        var method = Cut(ref text);
        var hostText = Cut(ref text);
        if (HostName.TryNormalise(hostText, out var host, out _))
            CheckHost(host);

        foreach (var options in Options)
        {
            foreach (var source in Enum.GetValues<TargetSource>())
                Check(text, method, host, source, options);
        }
    }

    private void Check(string raw, string method, HostName host, TargetSource source, TargetOptions options)
    {
        if (!TargetNormaliser.TryNormalise(raw, method, host, source, options, out var target, out var broken))
        {
            BrokenInvariantException.Unless(broken != TargetRule.None && target.Form == TargetForm.None, "a refusal names its rule and gives no target");
            return;
        }

        BrokenInvariantException.Unless(broken == TargetRule.None, "an accepted target breaks no rule");
        if (target.Form == TargetForm.Asterisk)
        {
            BrokenInvariantException.Unless(target.Value == "*" && method == "OPTIONS", "the asterisk is for OPTIONS");
            return;
        }

        CheckPath(target.Path.ToString(), options);
        BrokenInvariantException.Unless(target.Value.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0 && !target.Value.Contains('#'), "a target is visible ASCII without fragment");
        BrokenInvariantException.Unless(raw.EndsWith(target.Query.ToString(), StringComparison.Ordinal), "the query is kept as sent");
        BrokenInvariantException.Unless(
            TargetNormaliser.TryNormalise(target.Value, method, host, source, options, out var again, out _) && ReferenceEquals(again.Value, target.Value),
            "normalising again changes nothing");

        _ = routes.Find(host, target, method, default(NoFields));
    }

    private static void CheckPath(string path, TargetOptions options)
    {
        BrokenInvariantException.Unless(path.StartsWith('/') && !path.Contains("//", StringComparison.Ordinal), "a path has a slash first and no empty segments");
        BrokenInvariantException.Unless(path.Length <= options.MaximumPathLength, "a path keeps its limit");

        // What any single decoding can make of it.
        var octets = new List<byte>();
        for (var i = 0; i < path.Length; i++)
        {
            if (path[i] != '%')
            {
                octets.Add((byte)path[i]);
                continue;
            }

            BrokenInvariantException.Unless(i + 2 < path.Length, "an escape has two digits");
            octets.Add(Convert.ToByte(path.Substring(i + 1, 2), 16));
            i += 2;
        }

        var decoded = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString([.. octets]);
        BrokenInvariantException.Unless(!decoded.Any(char.IsControl) && !decoded.Contains('\\'), "a decoded path has no control character or backslash");
        foreach (var segment in decoded.Split('/'))
            BrokenInvariantException.Unless(segment.Split(';')[0] is not ("." or ".."), "a decoded path has no dot segment, path parameters cut off");
    }

    private static void CheckHost(in HostName host)
    {
        var name = host.ToString();
        BrokenInvariantException.Unless(name.Length is > 0 and <= HostName.MaximumLength && host.Port is >= 0 and <= 65535, "a host has its limits");
        BrokenInvariantException.Unless(HostName.TryNormalise(name, out var again, out _) && again.Name.SequenceEqual(name) && again.Port == 0, "normalising a host again changes nothing");
    }

    private static string Cut(ref string text)
    {
        var end = text.IndexOf('\n');
        var line = end < 0 ? "" : text[..end];
        text = text[(end + 1)..];
        return line;
    }

    private static RouteTable<string> Routes()
    {
        var entries = new List<RouteEntry<string>>();
        foreach (var path in (string[])["/", "/a", "/a/{b}", "/a/{b}/c", "/a/{**rest}", "/{x}/b", "/admin/{**rest}", "/{**rest}"])
        {
            BrokenInvariantException.Unless(RoutePattern.TryParse(path, out var pattern, out _), path);
            entries.Add(new RouteEntry<string>(path, new RouteMatch { Path = pattern }, path));
        }

        return RouteTable<string>.Build(entries, out _) ?? throw new InvalidOperationException("The routes are fixed.");
    }

    private readonly struct NoFields : IRequestFields
    {
        public StringValues Get(string name) => StringValues.Empty;
    }
}
