using System.Collections.Frozen;
using Quayside.Gateway.Forwarding;
using Quayside.Gateway.Routing;

namespace Quayside.Gateway.Resilience;

/// <summary>
/// Apps that have not been ready since the gateway started. A house that starts as a whole is not a house of broken apps: calls of a starting app wait
/// for it, and its breaker, which would stay open for a minute, does not hear of it. After <see cref="GatewayOptions.StartLimit"/> it does.
/// </summary>
public sealed class StartingApps(RouteTable table, Wire wire, GatewayOptions options, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly FrozenDictionary<string, TaskCompletionSource> starting = (options.StartLimit > 0 ? table.Apps : [])
        .ToFrozenDictionary(app => app, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), StringComparer.Ordinal);

    /// <returns>False when the app is still starting after <paramref name="patience"/>.</returns>
    public async ValueTask<bool> HasStartedAsync(string app, TimeSpan patience, CancellationToken cancellation)
    {
        if (!starting.TryGetValue(app, out var started) || started.Task.IsCompleted) return true;
        await started.Task.WaitAsync(patience, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
        return started.Task.IsCompleted;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(starting.Select(app => AwaitAsync(app.Key, app.Value, stoppingToken)));

    private async Task AwaitAsync(string app, TaskCompletionSource isReady, CancellationToken stopping)
    {
        var started = time.GetTimestamp();
        while (!await IsReadyAsync(app, stopping) && time.GetElapsedTime(started) < TimeSpan.FromSeconds(options.StartLimit))
            await Task.Delay(Between, time, stopping);
        isReady.SetResult();
    }

    private async Task<bool> IsReadyAsync(string app, CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(Patience);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, (Uri?)null);
            using var answer = await wire.SendAsync(request, app, "/healthz/ready", limit.Token);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException && !stopping.IsCancellationRequested)
        {
            return false;
        }
    }
}
