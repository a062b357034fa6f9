using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace LocalDapr.Runtime.Tests.Fuzz;

/// <summary>Keeps the exceptions that the sidecar or Kestrel logs as errors: they came out of a handler, or out of work behind the call.</summary>
internal sealed class RecordedErrors : ILoggerFactory, ILogger
{
    public ConcurrentQueue<string> All { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel) && exception is not null)
            All.Enqueue($"{formatter(state, exception)} {exception}");
    }

    public void Dispose()
    {
    }
}
