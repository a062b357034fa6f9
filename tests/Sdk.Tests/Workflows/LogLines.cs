using Microsoft.Extensions.Logging;

namespace LocalDapr.Sdk.Tests.Workflows;

/// <summary>What was logged, of every category, as "Level: text".</summary>
internal sealed class LogLines : ILoggerFactory, ILogger
{
    private readonly List<string> lines = [];

    public IReadOnlyList<string> All
    {
        get
        {
            lock (lines)
                return [.. lines];
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public int Scopes { get; private set; }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull
    {
        Scopes++;
        return null;
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (lines)
            lines.Add($"{logLevel}: {formatter(state, exception)}");
    }

    public void Dispose()
    {
    }
}
