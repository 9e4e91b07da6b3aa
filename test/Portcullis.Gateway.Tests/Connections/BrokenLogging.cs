using Microsoft.Extensions.Logging;

namespace Portcullis.Gateway.Tests.Connections;

/// <summary>A log that fails whenever a connection is turned away or dropped, and when a listener is asked to stop.</summary>
internal sealed class BrokenLogging : ILoggerFactory, ILogger
{
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Id is 1102 or (>= 1104 and <= 1109)) throw new InvalidOperationException("the log is broken");
    }

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
