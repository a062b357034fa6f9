using Microsoft.Extensions.Options;
using Quayside.Inventory.Catalogue;
using Quayside.Inventory.Reserving;
using Quayside.Inventory.Stock;
using Quayside.Saga.Participants;

namespace Quayside.Inventory.Sweeping;

/// <summary>Finishes what a crash left between a record and its lines: lines of an undone record go back on the shelf, those of a
/// committed one are shipped. A line is looked at from the second sweep on, when its command had time to finish by itself.</summary>
internal sealed partial class LineSweep(
    ProductCatalogue catalogue, Warehouse warehouse, RecordStore<Reservation> records, IOptions<InventoryOptions> options, TimeProvider time,
    ILogger<LineSweep> logger) : BackgroundService
{
    private HashSet<(string ProductId, string Line)> seenBefore = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                Log.Failed(logger, failure);
            }
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        var seen = new HashSet<(string, string)>();
        foreach (var productId in catalogue.Ids)
        {
            var stock = await warehouse.ReadAsync(productId, cancellationToken);
            foreach (var text in stock.Lines.Keys.Order(StringComparer.Ordinal))
            {
                seen.Add((productId, text));
                if (!seenBefore.Contains((productId, text))) continue;
                var line = LineId.Parse(text);
                var (record, _) = await records.LoadAsync(line.OrderId, cancellationToken);
                if (Settle(record, line) is not { } command) continue;
                await warehouse.ApplyAsync(productId, command, cancellationToken);
                Log.Settled(logger, productId, text, record.Stage);
            }
        }

        seenBefore = seen;
    }

    private static StockCommand? Settle(ParticipantRecord<Reservation> record, LineId line) => record.Stage switch
    {
        Stage.None or Stage.Undone => new StockCommand.Release(line),
        _ when line.Attempt < record.Attempt => new StockCommand.Release(line),
        Stage.Committed => new StockCommand.Ship(line),
        _ => null,
    };

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Line {Line} of {ProductId} was left behind by a record in {Stage}")]
        public static partial void Settled(ILogger logger, string productId, string line, Stage stage);

        [LoggerMessage(LogLevel.Error, "The sweep failed and will be tried again")]
        public static partial void Failed(ILogger logger, Exception failure);
    }
}
