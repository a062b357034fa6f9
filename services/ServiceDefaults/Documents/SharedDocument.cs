using System.Text.Json;
using Dapr;
using Dapr.Client;

namespace Quayside.ServiceDefaults.Documents;

/// <summary>
/// One JSON document of a Dapr state store, changed by compare-and-set only: created by first-write, every later write with its etag.
/// Changes that wait at the same time share one write; replicas of a service meet at the etag.
/// </summary>
/// <param name="dapr">The sidecar.</param>
/// <param name="storeName">Name of the state store component.</param>
/// <param name="key">Of the document.</param>
/// <param name="json">How the document is written.</param>
/// <param name="linger">How long a change waits for others; zero for not at all.</param>
public sealed class SharedDocument<T>(DaprClient dapr, string storeName, string key, JsonSerializerOptions json, TimeSpan linger = default)
    where T : class
{
    private static readonly StateOptions FirstWrite = new() { Concurrency = ConcurrencyMode.FirstWrite };
    private readonly Lock gate = new();
    private List<Change> waiting = [];
    private bool isBusy;

    public async Task<T?> ReadAsync(CancellationToken cancellationToken) => (await LoadAsync(cancellationToken)).Document;

    /// <summary>Applies a pure function, more than once if another writer was faster. A missing document is null; returning the
    /// same instance writes nothing. A failure leaves the outcome unknown, so changes must bear repetition.</summary>
    public Task<TAnswer> ChangeAsync<TAnswer>(Func<T?, (T? Next, TAnswer Answer)> change, CancellationToken cancellationToken)
    {
        var entry = new Change<TAnswer>(change);
        lock (gate)
        {
            waiting.Add(entry);
            if (!isBusy)
            {
                isBusy = true;
                _ = Task.Run(DrainAsync, CancellationToken.None);
            }
        }

        return entry.Answered.WaitAsync(cancellationToken);
    }

    private async Task DrainAsync()
    {
        while (true)
        {
            if (linger > TimeSpan.Zero) await Task.Delay(linger);
            List<Change> batch;
            lock (gate)
            {
                if (waiting.Count == 0)
                {
                    isBusy = false;
                    return;
                }

                (batch, waiting) = (waiting, []);
            }

            try
            {
                while (!await TryWriteAsync(batch)) { }
                foreach (var change in batch) change.Complete();
            }
            catch (Exception failure)
            {
                foreach (var change in batch) change.Fail(failure);
            }
        }
    }

    private async Task<bool> TryWriteAsync(List<Change> batch)
    {
        var (document, etag) = await LoadAsync(CancellationToken.None);
        var next = document;
        foreach (var change in batch) next = change.Apply(next);
        if (next is null || ReferenceEquals(next, document)) return true;
        try
        {
            return await dapr.TrySaveByteStateAsync(storeName, key, JsonSerializer.SerializeToUtf8Bytes(next, json), etag, FirstWrite);
        }
        catch (DaprException) when (document is null)
        {
            // Some stores report a lost race to create as a plain failure; the document itself tells the difference.
            if ((await LoadAsync(CancellationToken.None)).Document is null) throw;
            return false;
        }
    }

    private async Task<(T? Document, string ETag)> LoadAsync(CancellationToken cancellationToken)
    {
        var (bytes, etag) = await dapr.GetByteStateAndETagAsync(storeName, key, cancellationToken: cancellationToken);
        return bytes.IsEmpty ? (null, "") : (JsonSerializer.Deserialize<T>(bytes.Span, json), etag);
    }

    private abstract class Change
    {
        public abstract T? Apply(T? document);

        public abstract void Complete();

        public abstract void Fail(Exception failure);
    }

    private sealed class Change<TAnswer>(Func<T?, (T? Next, TAnswer Answer)> change) : Change
    {
        private readonly TaskCompletionSource<TAnswer> answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TAnswer answer = default!;

        public Task<TAnswer> Answered => answered.Task;

        public override T? Apply(T? document)
        {
            (var next, answer) = change(document);
            return next;
        }

        public override void Complete() => answered.TrySetResult(answer);

        public override void Fail(Exception failure) => answered.TrySetException(failure);
    }
}
