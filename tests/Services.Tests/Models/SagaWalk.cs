using Dapr.Workflow;
using Quayside.Orders.Order;
using Quayside.Patterns.Tests.Saga;

namespace Quayside.Services.Tests.Models;

/// <summary>The engine as a saga may meet it: every try of an activity has its chance, and others meddle with the order in between.</summary>
internal sealed class SagaWalk(SagaWorld world, IEnumerable<Chance> chances, IEnumerable<Meddling> meddlings) : ScriptedWorkflow((_, _) => null)
{
    private readonly Queue<Chance> chances = new(chances);
    private readonly Queue<Meddling> meddlings = new(meddlings);

    public override async Task<T> CallActivityAsync<T>(string name, object? input = null, WorkflowTaskOptions? options = null)
    {
        world.Between = () => Meddle();
        while (true)
        {
            Meddle();
            try
            {
                return (T)world.Run(name, input, chances.TryDequeue(out var chance) ? chance : Chance.Works);
            }
            catch (InvalidOperationException) when (options?.RetryPolicy is not null)
            {
                await CreateTimer(TimeSpan.FromMinutes(5));
            }
            catch (InvalidOperationException failure)
            {
                // A try lasts minutes, so that the saga can lose its patience with a step, and come to its deadline.
                Pass(TimeSpan.FromMinutes(4));
                throw new WorkflowTaskFailedException("failed", new WorkflowTaskFailureDetails("InvalidOperationException", failure.Message));
            }
        }
    }

    /// <summary>Raised for a decision and a cancellation; whoever waits is heard after a day.</summary>
    public override Task<T> WaitForExternalEventAsync<T>(string eventName, TimeSpan timeout) => Meddle() is Meddling.Nothing or Meddling.Waits
        ? Task.FromException<T>(new TaskCanceledException())
        : Task.FromResult((T)(object)"decided");

    private Meddling Meddle()
    {
        var next = meddlings.TryDequeue(out var meddling) ? meddling : Meddling.Nothing;
        if (next is Meddling.Waits) Pass(TimeSpan.FromMinutes(40));
        OrderCommand? command = next switch
        {
            Meddling.Cancels => new OrderCommand.RequestCancellation("u"),
            Meddling.Approves => new OrderCommand.Approve("a"),
            Meddling.Rejects => new OrderCommand.Reject("a", null),
            _ => null,
        };
        if (command is not null) world.Tell(command);
        return next;
    }
}
