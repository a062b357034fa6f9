using System.Globalization;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Resiliency;
using LocalDapr.Runtime.State.Outbox;
using LocalDapr.Runtime.State.Stores;
using LocalDapr.Runtime.Tracing;

namespace LocalDapr.Runtime.State;

/// <summary>A loaded state store as the APIs see it: keys without their prefix, writes under the component's policy, failures as API errors.</summary>
internal sealed class StateComponent(string name, string prefix, IStateStore store, bool isInMemory, bool writesLikeGo, StateEncryption? encryption, StateOutbox? outbox, SidecarContext context) : IAsyncDisposable
{
    public string Name { get; } = name;

    /// <summary>True when JSON values are stored as Go prints them: state.sqlite, whose file a real daprd may share.</summary>
    public bool WritesLikeGo { get; } = writesLikeGo;

    /// <summary>True for state.in-memory, which takes a negative TTL for none.</summary>
    public bool IsInMemory { get; } = isInMemory;

    private Policy Policy => context.Policies.Outbound(Name, "Statestore");

    /// <summary>A checked write or delete for this store.</summary>
    public StateWrite Write(string key, ReadOnlyMemory<byte>? value, bool isJson, string? etag, bool firstWrite, string? ttlInSeconds) =>
        new(FullKey(key), encryption is null || value is null ? value : encryption.Encrypt(value.Value.Span), isJson && encryption is null, etag, firstWrite, ttlInSeconds is { Length: > 0 } ? Ttl(ttlInSeconds) : null);

    public ValueTask<StateValue?> GetAsync(string key, CancellationToken cancellation)
    {
        var full = FullKey(key);
        var policy = Policy;
        if (!ReferenceEquals(policy, Policy.None))
            return GetAsync(policy, full, key, cancellation);
        try
        {
            return new(Read(full));
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw StateErrors.GetFailed(key, Name, failure);
        }
    }

    /// <summary>Writes each item on its own: some may succeed although the call fails.</summary>
    public async Task WriteAsync(IReadOnlyList<StateWrite> writes, string errorCode, CancellationToken cancellation)
    {
        var policy = Policy;
        try
        {
            if (writes.Count == 1 && ReferenceEquals(policy, Policy.None))
                await store.WriteAsync(writes[0]);
            else
                await WriteManyAsync(policy, writes, cancellation);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw StateErrors.WriteFailed(errorCode, Name, failure);
        }
    }

    /// <summary>Writes all or nothing. The trace goes into the events of an outbox.</summary>
    public async Task TransactAsync(IReadOnlyList<StateOperation> operations, TraceContext trace, CancellationToken cancellation)
    {
        if (operations.Count == 0)
            return;
        var writes = outbox?.Expand(operations, trace) ?? operations.Select(o => o.Write).ToList();
        try
        {
            await Policy.ExecuteAsync(async _ =>
            {
                try
                {
                    await store.WriteAllAsync(writes);
                    return true;
                }
                catch (ETagMismatchException lost)
                {
                    throw new PermanentException(lost);
                }
            }, cancellation);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw StateErrors.WriteFailed(StateErrors.Transaction, Name, failure);
        }
        outbox?.Signal();
    }

    public void StartOutbox() => outbox?.Start();

    public ValueTask StopOutboxAsync() => outbox?.DisposeAsync() ?? ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await StopOutboxAsync();
        await store.DisposeAsync();
    }

    private async ValueTask<StateValue?> GetAsync(Policy policy, string full, string key, CancellationToken cancellation)
    {
        try
        {
            return await policy.ExecuteAsync(_ => Task.FromResult(Read(full)), cancellation);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw StateErrors.GetFailed(key, Name, failure);
        }
    }

    /// <summary>A retry sends only what did not succeed and did not lose to another writer.</summary>
    private async Task WriteManyAsync(Policy policy, IReadOnlyList<StateWrite> writes, CancellationToken cancellation)
    {
        var pending = writes;
        ETagMismatchException? lost = null;
        await policy.ExecuteAsync(async _ =>
        {
            var sent = pending.Select(write => (Write: write, Task: store.WriteAsync(write))).ToArray();
            var failed = new List<StateWrite>();
            Exception? failure = null;
            foreach (var (write, task) in sent)
            {
                try
                {
                    await task;
                }
                catch (ETagMismatchException mismatch)
                {
                    lost = mismatch;
                }
                catch (Exception other)
                {
                    failed.Add(write);
                    failure = other;
                }
            }
            pending = failed;
            if (failure is not null)
                throw failure;
            return lost is null ? true : throw new PermanentException(lost);
        }, cancellation);
    }

    private StateValue? Read(string key)
    {
        var value = store.Get(key);
        return encryption is null || value is null or { Data.Length: 0 } ? value : value with { Data = encryption.Decrypt(value.Data) };
    }

    private string FullKey(string key) =>
        key.Contains(KeyPrefix.Separator, StringComparison.Ordinal) ? throw StateErrors.IllegalKey(key, Name) : prefix + key;

    private int? Ttl(string text)
    {
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) || (seconds < -1 && !IsInMemory))
            throw StateErrors.BadTtl(text);
        return seconds > 0 ? seconds : null;
    }
}
