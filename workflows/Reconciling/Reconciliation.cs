using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace Quayside.Workflows.Reconciling;

public sealed class ReconciliationOptions
{
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>From the start of the app to the first pass.</summary>
    public TimeSpan FirstAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a line may stay open in stock for an order that is final.</summary>
    public TimeSpan LineGrace { get; set; } = TimeSpan.FromMinutes(5);
}

/// <summary>Checks the books again and again, and when asked. A difference is told once when it appears and once when it is gone.</summary>
internal sealed partial class Reconciliation : BackgroundService
{
    private readonly SemaphoreSlim gate = new(1);
    private readonly BooksReader reader;
    private readonly ReconciliationOptions options;
    private readonly TimeProvider time;
    private readonly ILogger<Reconciliation> log;
    private volatile IReadOnlyList<Difference> known = [];

    public Reconciliation(BooksReader reader, IMeterFactory meters, IOptions<ReconciliationOptions> options, TimeProvider time, ILogger<Reconciliation> log)
    {
        (this.reader, this.options, this.time, this.log) = (reader, options.Value, time, log);
        meters.Create("Quayside").CreateObservableGauge(
            "quayside.books.differences", CountByKind, "{difference}", "Differences between orders, bank, carrier and stock, as of the last pass");
    }

    /// <summary>The books now: a pass of its own, after the one that may be running.</summary>
    public async Task<Books> CheckAsync(CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            var (books, differences) = await reader.ReadAsync(cancellationToken);
            Tell(differences);
            return books;
        }
        finally
        {
            gate.Release();
        }
    }

    public override void Dispose()
    {
        gate.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(options.FirstAfter, time, stoppingToken);
        using var timer = new PeriodicTimer(options.Interval, time);
        do
        {
            try
            {
                await CheckAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                Log.Failed(log, failure);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Tell(IReadOnlyList<Difference> found)
    {
        foreach (var difference in found.ExceptBy(known.Select(Name), Name))
            Log.Appeared(log, difference.Kind, difference.Text);
        foreach (var difference in known.ExceptBy(found.Select(Name), Name))
            Log.Gone(log, difference.Kind, difference.Text);
        known = found;

        static (DifferenceKind, string) Name(Difference difference) => (difference.Kind, difference.Subject);
    }

    private IEnumerable<Measurement<int>> CountByKind()
    {
        var counts = known.CountBy(difference => difference.Kind).ToDictionary();
        return Enum.GetValues<DifferenceKind>().Select(kind => new Measurement<int>(
            counts.GetValueOrDefault(kind), new KeyValuePair<string, object?>("kind", Admin.SagaView.NameOf(kind))));
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "The books differ ({Kind}): {Text}")]
        public static partial void Appeared(ILogger logger, DifferenceKind kind, string text);

        [LoggerMessage(Level = LogLevel.Information, Message = "No difference any more ({Kind}): {Text}")]
        public static partial void Gone(ILogger logger, DifferenceKind kind, string text);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The books could not be read; the next pass goes on from there")]
        public static partial void Failed(ILogger logger, Exception failure);
    }
}
