namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Yardsticks;

/// <summary>The configuration files beside this type. In them <c>@NAME@</c> stands for a value.</summary>
internal static class ServerFiles
{
    private const string UnicodeMap = "/etc/modsecurity/unicode.mapping";

    public static string Template(string name) => Path.Combine(Repository.Root, "test", "Portcullis.EndToEnd.Tests", "CoreRuleSet", "Yardsticks", name);

    /// <summary>Writes a template with its values to the directory and returns its path there.</summary>
    public static string Write(TemporaryDirectory directory, string name, params (string Name, string Value)[] values)
    {
        var text = File.ReadAllText(Template(name));
        foreach (var (placeholder, value) in values) text = text.Replace($"@{placeholder}@", value, StringComparison.Ordinal);
        return directory.Write(name, text);
    }

    /// <summary>Writes a file that includes everything a firewall with these rules reads, in order.</summary>
    public static string WriteRules(TemporaryDirectory directory, RuleSource rules)
    {
        Requirement.System(File.Exists(UnicodeMap), $"{UnicodeMap} is absent (Debian package libapache2-mod-security2)");
        var engine = Write(directory, "engine.conf", ("UNICODE_MAP", UnicodeMap));
        string[] files = [engine, Template("marker.conf"), .. rules.Files];
        return directory.Write("rules.conf", string.Concat(files.Select(file => $"Include {file}\n")));
    }
}
