using Dapr.Workflow;
using Quayside.Contracts.Orders;
using Quayside.Contracts.Payments;
using Quayside.Saga;
using Quayside.ServiceDefaults.Invocation;

namespace Quayside.Workflows.OrderSaga;

public sealed class ChargeCardActivity(OrderClient orders, Invoker invoker) : WorkflowActivity<OrderSagaInput, StepResult>
{
    public override async Task<StepResult> RunAsync(WorkflowActivityContext context, OrderSagaInput input)
    {
        var order = await orders.AskAsync(input.OrderId, OrderStep.ChargeCard);
        if (!order.MayStart)
            return StepResult.Stop(order.StopReason!);
        var charge = new ChargeCard(input.OrderId, order.UserId, order.Total, order.PaymentToken!);
        var charged = await invoker.PostAsync<ChargeCard, ChargeCardResult>("payment-service", "/internal/payments/charge", charge, CancellationToken.None);
        if (charged.Result == ChargeOutcome.TryAgain)
            throw new InvalidOperationException("the bank could not say yet");
        if (charged.Result != ChargeOutcome.Charged)
            return StepResult.Refused(charged.Reason ?? "the card was declined");
        await orders.RecordAsync(input.OrderId, OrderStep.ChargeCard);
        return StepResult.Succeeded;
    }
}

public sealed class RefundChargeActivity(OrderClient orders, Invoker invoker) : WorkflowActivity<Undoing<OrderSagaInput>, UndoResult>
{
    public override async Task<UndoResult> RunAsync(WorkflowActivityContext context, Undoing<OrderSagaInput> undoing)
    {
        var orderId = undoing.Input.OrderId;
        var refunded = await invoker.PostAsync<RefundCharge, RefundChargeResult>("payment-service", "/internal/payments/refund", new RefundCharge(orderId, undoing.Reason), CancellationToken.None);
        await orders.RecordUndoneAsync(orderId, OrderStep.ChargeCard, happened: refunded.Result == RefundOutcome.Refunded);
        return new UndoResult();
    }
}
