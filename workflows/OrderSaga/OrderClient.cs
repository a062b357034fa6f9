using Quayside.Contracts.Orders;
using Quayside.ServiceDefaults.Invocation;

namespace Quayside.Workflows.OrderSaga;

/// <summary>What the saga asks and tells Orders. Command ids derive from the order and the step, so a repeat changes nothing.</summary>
public sealed class OrderClient(Invoker invoker)
{
    private const string App = "order-service";

    /// <summary>The order, and whether the step may start.</summary>
    /// <exception cref="InvalidOperationException">There is no such order (yet).</exception>
    public async Task<OrderForSaga> AskAsync(string orderId, OrderStep? step = null) =>
        (await PostAsync<AskOrder, AskOrderResult>("ask", new AskOrder(orderId, step))).Order
        ?? throw new InvalidOperationException($"there is no order {orderId}");

    public Task RecordAsync(string orderId, OrderStep step, string? trackingId = null) =>
        MustAsync("record-step", new RecordStep(orderId, Id(orderId, step), step, trackingId));

    public Task RecordUndoneAsync(string orderId, OrderStep step, bool happened) =>
        MustAsync("record-compensation", new RecordCompensation(orderId, $"{Id(orderId, step)}:undo", step, happened));

    public Task<StartShippingResult> StartShippingAsync(string orderId) =>
        PostAsync<StartShipping, StartShippingResult>("start-shipping", new StartShipping(orderId, $"{orderId}:startShipping"));

    public Task<OrderCommandResult> ExpireApprovalAsync(string orderId) => TellAsync("expire-approval", new ExpireApproval(orderId, $"{orderId}:expireApproval"));

    public Task CancelAsync(string orderId, string reason) => MustAsync("cancel", new CancelOrder(orderId, $"{orderId}:cancel", reason));

    private static string Id(string orderId, OrderStep step) => $"{orderId}:{step}";

    /// <summary>A refusal here means that saga and order disagree: it is told as a failure, so that it is seen and not swallowed. An order that is not
    /// there has been lost with its store, of which an older copy was restored: what happened under its id is undone, or told by the books.</summary>
    private async Task MustAsync<TCommand>(string path, TCommand command)
    {
        var result = await TellAsync(path, command);
        if (result.Result == OrderOutcome.Refused)
            throw new InvalidOperationException($"{path} was refused: {result.Reason}");
    }

    private Task<OrderCommandResult> TellAsync<TCommand>(string path, TCommand command) => PostAsync<TCommand, OrderCommandResult>(path, command);

    // A participant's effect must be recorded whatever happens to the caller, so no token: the sidecar's policy bounds the call.
    private Task<TResult> PostAsync<TCommand, TResult>(string path, TCommand command) =>
        invoker.PostAsync<TCommand, TResult>(App, $"/internal/orders/{path}", command, CancellationToken.None);
}
