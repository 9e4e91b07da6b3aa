using Microsoft.Extensions.Logging;

namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>Keeps the exceptions that the runner had to catch: none is expected.</summary>
internal sealed class FailureLog<T> : ILogger<T>
{
    private readonly List<Exception> failures = [];

    public IReadOnlyList<Exception> Failures
    {
        get
        {
            lock (failures) return [.. failures];
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (exception is null) return;
        lock (failures) failures.Add(exception);
    }
}
