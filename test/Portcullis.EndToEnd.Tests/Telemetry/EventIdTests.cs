using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Portcullis.EndToEnd.Tests.Telemetry;

public sealed class EventIdTests
{
    [Fact]
    public void An_event_id_names_one_event_in_all_of_the_gateway()
    {
        var events = Directory.GetFiles(AppContext.BaseDirectory, "*ortcullis*.dll")
            .Where(file => !file.EndsWith(".Tests.dll", StringComparison.Ordinal))
            .SelectMany(file => Assembly.Load(Path.GetFileNameWithoutExtension(file)).GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Select(method => (Id: method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId, Name: method.DeclaringType!.Name + "." + method.Name))
            .Where(each => each.Id is not null)
            .ToList();

        Assert.True(events.Count > 30, $"only {events.Count} events were found");
        Assert.Empty(events.GroupBy(each => each.Id).Where(group => group.Count() > 1).Select(group => $"{group.Key}: {string.Join(", ", group.Select(each => each.Name))}"));
        Assert.All(events, each => Assert.InRange(each.Id!.Value, 1000, 9999));
    }
}
