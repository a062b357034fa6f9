namespace LocalDapr.Runtime.Cli;

/// <summary>The runtime's own log lines: one line each, on stdout.</summary>
internal static class ConsoleLog
{
    public static ILoggerFactory Create(string level) => LoggerFactory.Create(logging => logging
        .SetMinimumLevel(Level(level))
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
        }));

    /// <summary>daprd's words for log levels; unknown ones are info.</summary>
    public static LogLevel Level(string level) => level switch
    {
        "debug" => LogLevel.Debug,
        "warn" => LogLevel.Warning,
        "error" => LogLevel.Error,
        "fatal" or "panic" => LogLevel.Critical,
        _ => LogLevel.Information,
    };
}
