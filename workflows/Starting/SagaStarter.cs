using Dapr.Workflow;
using Quayside.Workflows.OrderSaga;

namespace Quayside.Workflows.Starting;

/// <summary>Starts the saga of an order, once: the instance id is the order id.</summary>
public sealed class SagaStarter(IDaprWorkflowClient workflows)
{
    /// <summary>A failed start counts as done only when the instance exists; else the failure is the caller's, who tries again.</summary>
    public async Task EnsureStartedAsync(string orderId, CancellationToken cancellationToken)
    {
        try
        {
            await workflows.ScheduleNewWorkflowAsync(nameof(OrderSaga), orderId, new OrderSagaInput(orderId), startTime: (DateTimeOffset?)null, cancellationToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            if (!(await workflows.GetWorkflowStateAsync(orderId, getInputsAndOutputs: false, cancellationToken)).Exists)
                throw;
        }
    }

    /// <summary>Wakes a saga that waits for the order's approval; one that does not run will ask the order itself.</summary>
    public async Task TellDecidedAsync(string orderId, string decision, CancellationToken cancellationToken)
    {
        var state = await workflows.GetWorkflowStateAsync(orderId, getInputsAndOutputs: false, cancellationToken);
        if (state.Exists && !state.IsWorkflowCompleted)
            await workflows.RaiseEventAsync(orderId, OrderSaga.OrderSaga.Decided, decision, cancellationToken);
    }
}
