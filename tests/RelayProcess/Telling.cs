using System.Text;
using Microsoft.Extensions.Logging;
using Quayside.EventSourcing;
using Quayside.Outbox;

namespace Quayside.RelayProcess;

/// <summary>Whoever started this process hears by its standard output what it does. What has been said is heard, whatever happens to the process then.</summary>
internal static class Telling
{
    private static readonly Stream Out = Console.OpenStandardOutput();

    public static void Say(string line)
    {
        lock (Out)
            Out.Write(Encoding.UTF8.GetBytes(line + "\n"));
    }

    public static void Say(string what, DomainEvent stored) => Say($"{what} {stored.AggregateId} {stored.Version}");

    internal sealed class Logger : ILogger<OutboxRelay>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Say("log " + formatter(state, exception) + " " + exception?.Message.ReplaceLineEndings(" "));
    }
}
