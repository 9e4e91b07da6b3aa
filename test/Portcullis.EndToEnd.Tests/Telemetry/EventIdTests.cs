using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace Portcullis.EndToEnd.Tests.Telemetry;

public sealed partial class EventIdTests
{
    private static readonly List<(LoggerMessageAttribute Event, string Name)> Events = [.. Directory.GetFiles(AppContext.BaseDirectory, "*ortcullis*.dll")
        .Where(file => !file.EndsWith(".Tests.dll", StringComparison.Ordinal))
        .SelectMany(file => Assembly.Load(Path.GetFileNameWithoutExtension(file)).GetTypes())
        .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
        .Select(method => (method.GetCustomAttribute<LoggerMessageAttribute>()!, method.DeclaringType!.Name + "." + method.Name))
        .Where(each => each.Item1 is not null)];

    [Fact]
    public void An_event_id_names_one_event_in_all_of_the_gateway()
    {
        Assert.True(Events.Count > 30, $"only {Events.Count} events were found");
        Assert.Empty(Events.GroupBy(each => each.Event.EventId).Where(group => group.Count() > 1).Select(group => $"{group.Key}: {string.Join(", ", group.Select(each => each.Name))}"));
        Assert.All(Events, each => Assert.InRange(each.Event.EventId, 1000, 9999));
    }

    [Fact]
    public void The_runbooks_tell_what_to_do_about_every_warning_and_error()
    {
        var runbooks = File.ReadAllText(Path.Combine(Repository.Root, "docs/runbooks.md"));
        Assert.Empty(Events
            .Where(each => each.Event.Level >= LogLevel.Warning && !runbooks.Contains(each.Event.EventId.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal))
            .Select(each => $"event {each.Event.EventId} ({each.Name}) is not in docs/runbooks.md"));
    }

    [Fact]
    public void The_runbooks_speak_of_no_event_that_there_is_not()
    {
        var runbooks = File.ReadAllText(Path.Combine(Repository.Root, "docs/runbooks.md"));
        var mentioned = EventMentions().Matches(runbooks).SelectMany(match => match.Groups["id"].Captures).Select(id => int.Parse(id.Value, CultureInfo.InvariantCulture)).ToHashSet();
        Assert.True(mentioned.Count > 20, $"only {mentioned.Count} events were found");
        Assert.Empty(mentioned.Except(Events.Select(each => each.Event.EventId)));
    }

    // One, or a list in which each may be followed by a word in parentheses.
    [GeneratedRegex(@"[Ee]vents? (?<id>[0-9]{4})(?:(?: \([^)]*\))?,?(?: and)? (?<id>[0-9]{4}))*", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex EventMentions();
}
