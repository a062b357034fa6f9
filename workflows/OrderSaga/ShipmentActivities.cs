using Dapr.Workflow;
using Quayside.Contracts.Orders;
using Quayside.Contracts.Shipping;
using Quayside.Saga;
using Quayside.ServiceDefaults.Invocation;

namespace Quayside.Workflows.OrderSaga;

/// <summary>The pivot: once the carrier has taken the parcel the order can only go forward.</summary>
public sealed class CreateShipmentActivity(OrderClient orders, Invoker invoker) : WorkflowActivity<OrderSagaInput, StepResult>
{
    public override async Task<StepResult> RunAsync(WorkflowActivityContext context, OrderSagaInput input)
    {
        var started = await orders.StartShippingAsync(input.OrderId);
        if (started.Result != OrderOutcome.Done)
            return StepResult.Stop(started.Reason ?? "refused by the order");
        var created = await invoker.PostAsync<CreateShipment, CreateShipmentResult>("shipping-service", "/internal/shipments/create", new CreateShipment(input.OrderId, started.ShipTo!), CancellationToken.None);
        if (created.Result != ShipmentOutcome.Created)
            return StepResult.Refused(created.Reason ?? "the carrier refused");
        await orders.RecordAsync(input.OrderId, OrderStep.CreateShipment, created.TrackingId);
        return StepResult.Succeeded;
    }
}

/// <summary>Undoes a shipment of unknown outcome. If the parcel is gone, that is recorded as done, and the saga goes forward.</summary>
public sealed class CancelShipmentActivity(OrderClient orders, Invoker invoker) : WorkflowActivity<Undoing<OrderSagaInput>, UndoResult>
{
    public override async Task<UndoResult> RunAsync(WorkflowActivityContext context, Undoing<OrderSagaInput> undoing)
    {
        var orderId = undoing.Input.OrderId;
        var cancelled = await invoker.PostAsync<CancelShipment, CancelShipmentResult>("shipping-service", "/internal/shipments/cancel", new CancelShipment(orderId, undoing.Reason), CancellationToken.None);
        if (cancelled.Result == CancelShipmentOutcome.Gone)
        {
            await orders.RecordAsync(orderId, OrderStep.CreateShipment, cancelled.TrackingId);
            return new UndoResult(Undone: false);
        }
        await orders.RecordUndoneAsync(orderId, OrderStep.CreateShipment, happened: cancelled.TrackingId is not null);
        return new UndoResult();
    }
}
