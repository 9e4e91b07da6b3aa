using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Portcullis.EndToEnd.Tests.Telemetry;

public sealed class EventIdTests
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
}
