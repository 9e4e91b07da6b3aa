using System.CommandLine;
using Portcullis.Gateway.Configuration.Binding;

namespace Portcullis.Commands;

/// <summary>An option that takes a period as the configuration writes it: <c>30d</c>.</summary>
internal static class PeriodOption
{
    /// <summary>The option; null where it is not given.</summary>
    /// <param name="name">As it is typed.</param>
    /// <param name="description">For the help.</param>
    public static Option<TimeSpan?> Create(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            if (result.Tokens is [{ Value: var text }] && DurationText.TryParse(text, out var period) && period > TimeSpan.Zero && period <= TimeSpan.FromDays(3660)) return period;
            result.AddError($"{name} takes a period of up to ten years, as in 90d or 12h");
            return null;
        },
    };
}
