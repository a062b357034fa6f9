using System.Diagnostics.CodeAnalysis;

namespace Dapr.Client;

/// <summary>Whether the lock was taken; disposing it gives it back.</summary>
[Experimental("DAPR_DISTRIBUTEDLOCK", UrlFormat = "https://docs.dapr.io/developing-applications/building-blocks/distributed-lock/distributed-lock-api-overview/")]
public sealed class TryLockResponse : IAsyncDisposable
{
    public bool Success { get; init; }

    public string ResourceId { get; init; } = string.Empty;

    public string LockOwner { get; init; } = string.Empty;

    public string StoreName { get; init; } = string.Empty;

    public async ValueTask DisposeAsync()
    {
        using var client = new DaprClientBuilder().Build();
        if (Success)
            await client.Unlock(StoreName, ResourceId, LockOwner);
    }
}

public enum LockStatus
{
    Success,
    LockDoesNotExist,
    LockBelongsToOthers,
    InternalError,
}

/// <summary>How giving back a lock went.</summary>
public class UnlockResponse(LockStatus status)
{
    public LockStatus status { get; set; } = status;
}
