using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Serving;

/// <summary>The process's own log: JSON lines on standard error, so that standard output stays for answers.</summary>
internal static class ConsoleLog
{
    /// <summary>The category of the effective configuration, which no level silences.</summary>
    public const string EffectiveConfigurationCategory = "Portcullis.EffectiveConfiguration";

    /// <param name="verbosity">The least severe level of all else.</param>
    /// <param name="tellsConfiguration">False for the demo, whose configuration is nobody's.</param>
    public static ILoggerFactory Create(LogVerbosity verbosity, bool tellsConfiguration) => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(verbosity switch
        {
            LogVerbosity.Debug => LogLevel.Debug,
            LogVerbosity.Warning => LogLevel.Warning,
            LogVerbosity.Error => LogLevel.Error,
            _ => LogLevel.Information,
        });
        builder.AddFilter("Microsoft", LogLevel.Warning);

        // The server warns with a stack trace of connections that a client's octets ended, which is for clients to say how often.
        builder.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);

        // A host that does not start throws as well, and the complaint about that is for people; its log line is a stack trace.
        builder.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);

        // What runs is part of the record whatever the level.
        builder.AddFilter(EffectiveConfigurationCategory, tellsConfiguration ? LogLevel.Information : LogLevel.None);
        builder.AddJsonConsole(json =>
        {
            json.UseUtcTimestamp = true;
            json.TimestampFormat = "O";
            json.IncludeScopes = false;
        });
        builder.Services.Configure<ConsoleLoggerOptions>(console =>
        {
            console.LogToStandardErrorThreshold = LogLevel.Trace;

            // 2,500 lines wait for a reader that stalls; further ones are dropped, and the console says how many. Waiting would stop the gateway.
            console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
        });
    });
}
