using Microsoft.Extensions.Options;
using Quayside.Contracts.Orders;
using Quayside.ServiceDefaults.Invocation;
using Quayside.Workflows.Starting;

namespace Quayside.Workflows.Sweeping;

public sealed class SweepOptions
{
    public TimeSpan Every { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>An order that is not final this long after it was placed is looked at.</summary>
    public TimeSpan OverdueAfter { get; set; } = TimeSpan.FromMinutes(1);
}

/// <summary>Starts the sagas of overdue orders that have no running instance: the last net below a lost event.</summary>
internal sealed partial class Sweep(Invoker invoker, SagaStarter starter, IOptions<SweepOptions> options, TimeProvider time, ILogger<Sweep> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepOnceAsync(stoppingToken);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                Log.Failed(log, failure);
            }
        }
    }

    private async Task SweepOnceAsync(CancellationToken cancellationToken)
    {
        var overdue = await invoker.PostAsync<FindOverdue, OverdueOrders>(
            "order-service", "/internal/orders/overdue", new FindOverdue((int)options.Value.OverdueAfter.TotalSeconds), cancellationToken);
        foreach (var orderId in overdue.OrderIds)
        {
            if (await starter.EnsureRunningAsync(orderId, cancellationToken))
                Log.Restarted(log, orderId);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "order {OrderId} was overdue and had no running saga: started")]
        public static partial void Restarted(ILogger logger, string orderId);

        [LoggerMessage(Level = LogLevel.Warning, Message = "the sweep failed, the next one tries again")]
        public static partial void Failed(ILogger logger, Exception failure);
    }
}
