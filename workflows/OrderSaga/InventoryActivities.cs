using Dapr.Workflow;
using Quayside.Contracts.Inventory;
using Quayside.Contracts.Orders;
using Quayside.Saga;
using Quayside.ServiceDefaults.Invocation;

namespace Quayside.Workflows.OrderSaga;

public sealed class ReserveItemsActivity(OrderClient orders, Invoker invoker) : WorkflowActivity<OrderSagaInput, StepResult>
{
    public override async Task<StepResult> RunAsync(WorkflowActivityContext context, OrderSagaInput input)
    {
        var order = await orders.AskAsync(input.OrderId, OrderStep.ReserveItems);
        if (!order.MayStart)
            return StepResult.Stop(order.StopReason!);
        var lines = order.Lines.Select(l => new StockLine(l.ProductId, l.Quantity)).ToArray();
        var reserved = await invoker.PostAsync<ReserveItems, ReserveItemsResult>("inventory-service", "/internal/inventory/reserve", new ReserveItems(input.OrderId, lines), CancellationToken.None);
        if (reserved.Result != ReserveOutcome.Reserved)
            return StepResult.Refused(reserved.Reason ?? "out of stock");
        await orders.RecordAsync(input.OrderId, OrderStep.ReserveItems);
        return StepResult.Succeeded;
    }
}

public sealed class ReleaseItemsActivity(OrderClient orders, Invoker invoker) : WorkflowActivity<Undoing<OrderSagaInput>, UndoResult>
{
    public override async Task<UndoResult> RunAsync(WorkflowActivityContext context, Undoing<OrderSagaInput> undoing)
    {
        var orderId = undoing.Input.OrderId;
        var released = await invoker.PostAsync<ReleaseItems, ReleaseItemsResult>("inventory-service", "/internal/inventory/release", new ReleaseItems(orderId, undoing.Reason), CancellationToken.None);
        if (released.Result == ReleaseOutcome.Committed)
            throw new InvalidOperationException("the items have left the warehouse");
        await orders.RecordUndoneAsync(orderId, OrderStep.ReserveItems, happened: released.Result == ReleaseOutcome.Released);
        return new UndoResult();
    }
}

public sealed class CommitStockActivity(OrderClient orders, Invoker invoker) : WorkflowActivity<OrderSagaInput, StepResult>
{
    public override async Task<StepResult> RunAsync(WorkflowActivityContext context, OrderSagaInput input)
    {
        var committed = await invoker.PostAsync<CommitItems, CommitItemsResult>("inventory-service", "/internal/inventory/commit", new CommitItems(input.OrderId), CancellationToken.None);
        if (committed.Result != CommitOutcome.Committed)
            return StepResult.Refused(committed.Reason ?? "not reserved");
        await orders.RecordAsync(input.OrderId, OrderStep.CommitStock);
        return StepResult.Succeeded;
    }
}
