using Dapr.Workflow;
using Quayside.Contracts.Orders;
using Quayside.Saga;

namespace Quayside.Workflows.OrderSaga;

/// <summary>What the saga needs to know before its first step.</summary>
/// <param name="Done">The last step that an earlier saga has done and the order knows of; what the participants refuse by now, because they have undone it since, is undone in the order too.</param>
public sealed record OpenedOrder(bool IsFinal, bool AwaitsApproval, OrderStep? Done = null);

/// <summary>An old event read again must not start anything: a final order ends the saga at once.</summary>
public sealed class OpenOrderActivity(OrderClient orders) : WorkflowActivity<OrderSagaInput, OpenedOrder>
{
    public override async Task<OpenedOrder> RunAsync(WorkflowActivityContext context, OrderSagaInput input)
    {
        var order = await orders.AskAsync(input.OrderId);
        return new OpenedOrder(order.IsFinal, order.Approval == ApprovalState.Awaited, order.Done.Count == 0 ? null : order.Done.Max());
    }
}

/// <summary>Refused when somebody has decided in the same moment; then that decision stands.</summary>
public sealed class ExpireApprovalActivity(OrderClient orders) : WorkflowActivity<OrderSagaInput, StepResult>
{
    public override async Task<StepResult> RunAsync(WorkflowActivityContext context, OrderSagaInput input)
    {
        var expired = await orders.ExpireApprovalAsync(input.OrderId);
        return expired.Result == OrderOutcome.Done ? StepResult.Succeeded : StepResult.Refused(expired.Reason ?? "refused by the order");
    }
}

/// <summary>The last word after all compensations, with the original reason.</summary>
public sealed class CancelOrderActivity(OrderClient orders) : WorkflowActivity<Undoing<OrderSagaInput>, UndoResult>
{
    public override async Task<UndoResult> RunAsync(WorkflowActivityContext context, Undoing<OrderSagaInput> undoing)
    {
        await orders.CancelAsync(undoing.Input.OrderId, undoing.Reason);
        return new UndoResult();
    }
}
