using System.Security.Cryptography;
using System.Text;
using Quayside.Contracts.Orders;
using Quayside.ServiceDefaults.Invocation;

namespace Quayside.Workflows.Approving;

/// <summary>Who decides, under which key of his own.</summary>
internal sealed record Signature(string By, string Key)
{
    /// <summary>The same for the same admin and key, and of no other use: keys may hold any character.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{By}\n{Key}")));
}

/// <summary>Carries a decision to the order under a command id that follows from admin, key and action: the order's stream takes each once.</summary>
internal sealed class ApprovalDesk(Invoker invoker, UsedKeys keys)
{
    /// <returns>The order's answer; null when the key was used for something else.</returns>
    public Task<OrderCommandResult?> ApproveAsync(string orderId, Signature signature, CancellationToken cancellationToken) =>
        DecideAsync(new("approve", orderId), signature, commandId => new ApproveOrder(orderId, commandId, signature.By), cancellationToken);

    /// <inheritdoc cref="ApproveAsync"/>
    public Task<OrderCommandResult?> RejectAsync(string orderId, string? reason, Signature signature, CancellationToken cancellationToken) =>
        DecideAsync(new("reject", orderId, reason), signature, commandId => new RejectOrder(orderId, commandId, signature.By, reason), cancellationToken);

    private async Task<OrderCommandResult?> DecideAsync<TCommand>(
        KeyUse use, Signature signature, Func<string, TCommand> command, CancellationToken cancellationToken) =>
        await keys.TryUseAsync(signature.Hash, use, cancellationToken)
            ? await invoker.PostAsync<TCommand, OrderCommandResult>(
                "order-service", $"/internal/orders/{use.Action}", command($"{use.Action}:{signature.Hash}"), cancellationToken)
            : null;
}
