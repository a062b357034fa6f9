using System.Collections.Concurrent;
using Dapr.Workflow;
using Microsoft.Extensions.Options;
using Quayside.Contracts.Orders;
using Quayside.ServiceDefaults.Invocation;
using Quayside.Workflows.Admin;
using Quayside.Workflows.Starting;

namespace Quayside.Workflows.Sweeping;

public sealed class SweepOptions
{
    public TimeSpan Every { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>An order that is not final this long after it was placed is looked at.</summary>
    public TimeSpan OverdueAfter { get; set; } = TimeSpan.FromMinutes(1);
}

/// <summary>
/// Looks at every overdue order: starts its saga where none runs, the last net below a lost event, and counts the sagas that need attention.
/// Costs one read of an instance for each overdue order, eight at a time.
/// </summary>
internal sealed partial class Sweep(
    Invoker invoker, IDaprWorkflowClient workflows, SagaStarter starter, SagaMetrics metrics, IOptions<SweepOptions> options, TimeProvider time, ILogger<Sweep> log)
    : BackgroundService
{
    private const int AtOnce = 8;

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
        var needAttention = new ConcurrentBag<string>();
        var limits = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        OpenOrder? last = null;
        do
        {
            var find = new FindOverdue((int)options.Value.OverdueAfter.TotalSeconds, After: last);
            var overdue = await invoker.PostAsync<FindOverdue, OverdueOrders>("order-service", "/internal/orders/overdue", find, cancellationToken);
            await Parallel.ForEachAsync(overdue.OrderIds, limits, async (orderId, token) =>
            {
                var state = await workflows.GetWorkflowStateAsync(orderId, getInputsAndOutputs: true, token);
                if (!state.Exists || state.IsWorkflowCompleted)
                {
                    await starter.EnsureStartedAsync(orderId, token);
                    Log.Restarted(log, orderId);
                }
                else if (SagaView.StatusOf(state) is { NeedsAttention: true })
                    needAttention.Add(orderId);
            });
            last = overdue.Last;
        }
        while (last is not null);
        metrics.NeedAttention = needAttention.Count;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "order {OrderId} was overdue and had no running saga: started")]
        public static partial void Restarted(ILogger logger, string orderId);

        [LoggerMessage(Level = LogLevel.Warning, Message = "the sweep failed, the next one tries again")]
        public static partial void Failed(ILogger logger, Exception failure);
    }
}
