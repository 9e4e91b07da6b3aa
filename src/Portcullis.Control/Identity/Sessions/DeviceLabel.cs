namespace Portcullis.Control.Identity.Sessions;

/// <summary>
/// A browser and system in a few words, for the list in which people find a session that is not theirs. Made of fixed words alone: nothing that a client sends is kept. It is
/// no evidence of anything.
/// </summary>
public static class DeviceLabel
{
    // In the order in which they hide each other: Edge says Chrome and Safari as well.
    private static readonly (string Token, string Name)[] Browsers =
    [
        ("Edg/", "Edge"), ("EdgA/", "Edge"), ("EdgiOS/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl"),
    ];

    private static readonly (string Token, string Name)[] Systems =
    [
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows NT", "Windows"), ("CrOS", "ChromeOS"), ("Macintosh", "macOS"), ("Linux", "Linux"),
    ];

    // Longer ones are cut: the words stand before that.
    private const int LongestAgent = 1024;

    /// <summary><c>Firefox on Linux</c>, or as much of it as can be told.</summary>
    public static string Of(ReadOnlySpan<char> userAgent)
    {
        userAgent = userAgent[..Math.Min(userAgent.Length, LongestAgent)];
        var (browser, system) = (Find(userAgent, Browsers), Find(userAgent, Systems));
        return (browser, system) switch
        {
            (null, null) => "unknown browser",
            (null, _) => "unknown browser on " + system,
            (_, null) => browser,
            _ => $"{browser} on {system}",
        };
    }

    private static string? Find(ReadOnlySpan<char> userAgent, (string Token, string Name)[] words)
    {
        foreach (var (token, name) in words)
        {
            if (userAgent.Contains(token, StringComparison.Ordinal)) return name;
        }

        return null;
    }
}
