using System.Globalization;

namespace LocalDapr.Runtime.Cli.Run;

/// <summary>All output of a run: apps prefixed <c>== APP - id ==</c>, sidecars <c>== DAPR - id ==</c>, on the console and in files as the run file says.</summary>
internal sealed class RunConsole : IDisposable
{
    private readonly string logSuffix = DateTime.Now.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);
    private readonly Dictionary<string, StreamWriter> files = [];
    private readonly Lock sync = new();

    /// <summary>A line of the runtime itself.</summary>
    public void Say(string line)
    {
        lock (sync)
            Console.Out.WriteLine(line);
    }

    public void App(AppSpec spec, string line) => Write(spec, spec.AppLog, "APP", "app", line);

    /// <summary>The log of one sidecar. Warnings reach the console whatever the destination.</summary>
    public ILoggerFactory LoggersFor(AppSpec spec) => LoggerFactory.Create(logging => logging
        .SetMinimumLevel(ConsoleLog.Level(spec.LogLevel))
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddProvider(new LineLoggers((level, line) => Write(spec, level >= LogLevel.Warning ? spec.DaprdLog | LogDestination.Console : spec.DaprdLog, "DAPR", "daprd", line))));

    public void Dispose()
    {
        lock (sync)
        {
            foreach (var file in files.Values)
                file.Dispose();
            files.Clear();
        }
    }

    private void Write(AppSpec spec, LogDestination destination, string label, string kind, string line)
    {
        lock (sync)
        {
            if (destination.HasFlag(LogDestination.Console))
                Console.Out.WriteLine($"== {label} - {spec.AppId} == {line}");
            if (destination.HasFlag(LogDestination.File))
                File(spec, kind).WriteLine(line);
        }
    }

    private StreamWriter File(AppSpec spec, string kind)
    {
        var path = Path.Combine(spec.Folder, ".dapr", "logs", $"{spec.AppId}_{kind}_{logSuffix}.log");
        if (!files.TryGetValue(path, out var writer))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            files[path] = writer = new StreamWriter(path, append: true) { AutoFlush = true };
        }
        return writer;
    }

    private sealed class LineLoggers(Action<LogLevel, string> write) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new LineLogger(write);

        public void Dispose()
        {
        }
    }

    private sealed class LineLogger(Action<LogLevel, string> write) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            write(logLevel, $"{DateTime.Now:HH:mm:ss.fff} {logLevel.ToString().ToLowerInvariant()} {formatter(state, exception)}{(exception is null ? "" : " " + exception)}");
    }
}
