using System.Text.Json.Serialization;
using Dapr.Workflow;
using Quayside.Contracts.Orders;
using Quayside.Saga;

namespace Quayside.Workflows.OrderSaga;

/// <summary>The order to bring to its end; the instance id is the order id.</summary>
/// <param name="Position">Where an earlier run of the same instance got to.</param>
public sealed record OrderSagaInput(
    string OrderId, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SagaPosition? Position = null);

/// <summary>
/// Brings an order to shipped, or back to cancelled with everything undone. The order decides, the saga obeys: each step asks the order first,
/// so a cancellation, a rejection or an expiry is seen at the next step.
/// </summary>
public sealed class OrderSaga : Workflow<OrderSagaInput, SagaResult>
{
    /// <summary>Raised when the order was approved, rejected or asked to cancel while its approval was awaited.</summary>
    public const string Decided = "order-decided";

    private static readonly SagaOptions Options = new() { DeadlineReason = OrderReasons.Deadline, ExhaustedReason = OrderReasons.Exhausted };

    // An OrderStep is the index of its step.
    private static readonly SagaStep[] Steps =
    [
        //  Happy path                        Compensation
        new(Act: null,                        nameof(CancelOrderActivity)),                     // the last word, with the original reason
        new(nameof(ReserveItemsActivity),     nameof(ReleaseItemsActivity)),
        new(nameof(ChargeCardActivity),       nameof(RefundChargeActivity)),                    // then the order is confirmed
        new(nameof(CreateShipmentActivity),   nameof(CancelShipmentActivity), IsPivot: true),   // from its start the customer cannot cancel
        new(nameof(CommitStockActivity)),                                                       // then the order has shipped
    ];

    public override async Task<SagaResult> RunAsync(WorkflowContext context, OrderSagaInput input)
    {
        OrderStep? known = null;
        if (input.Position is null)
        {
            var order = await Patiently.CallAsync<OpenedOrder>(context, nameof(OpenOrderActivity), input);
            if (order.IsFinal)
                return SagaResult.Success;
            if (order.AwaitsApproval)
                await WaitForApprovalAsync(context, input);
            known = order.Done;
        }
        var result = await new SagaRunner<OrderSagaInput>(context, new OrderSagaInput(input.OrderId), Options).RunAsync(Steps, input.Position, (int?)known ?? 0);
        if (result.GoOnAt is { } position)
            context.ContinueAsNew(input with { Position = position });
        return result;
    }

    /// <summary>The order remembers the decision; a timeout is a command on the order too, and may lose against a decision in the same moment.</summary>
    private static async Task WaitForApprovalAsync(WorkflowContext context, OrderSagaInput input)
    {
        context.SetCustomStatus(new SagaStatus("Approval"));
        try
        {
            await context.WaitForExternalEventAsync<string>(Decided, TimeSpan.FromHours(24));
        }
        catch (TaskCanceledException)
        {
            await Patiently.CallAsync<StepResult>(context, nameof(ExpireApprovalActivity), input);
        }
    }
}
