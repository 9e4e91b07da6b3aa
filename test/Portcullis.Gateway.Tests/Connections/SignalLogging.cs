using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Portcullis.Gateway.Tests.Connections;

/// <summary>A log whose events a test can wait for.</summary>
internal sealed class SignalLogging : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(EventId Id, string Text)> events = new();
    private readonly ConcurrentQueue<string> errors = new();
    private readonly SemaphoreSlim written = new(0);

    /// <summary>The text of the next event with the id that has not been waited for.</summary>
    public async Task<string> WaitAsync(int id)
    {
        while (await written.WaitAsync(Eventually.Patience))
        {
            if (events.TryDequeue(out var one) && one.Id.Id == id) return one.Text;
        }

        throw new TimeoutException($"no event {id}");
    }

    /// <summary>How many events with the id have not been waited for.</summary>
    public int Count(int id) => events.Count(one => one.Id.Id == id);

    /// <summary>The events that are errors or worse, whether waited for or not.</summary>
    public IReadOnlyCollection<string> Errors => errors;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        events.Enqueue((eventId, formatter(state, exception)));
        if (logLevel >= LogLevel.Error) errors.Enqueue($"{eventId.Id} {formatter(state, exception)}: {exception}");
        written.Release();
    }

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
