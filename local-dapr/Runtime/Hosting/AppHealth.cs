using LocalDapr.Protocol.Grpc;

namespace LocalDapr.Runtime.Hosting;

/// <summary>The probes of --enable-app-health-check: one success is healthy, <see cref="SidecarOptions.AppHealthThreshold"/> failures in a row are unhealthy.</summary>
internal static class AppHealth
{
    public static async Task WaitUntilHealthyAsync(SidecarContext context, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(context.Options.AppHealthProbeInterval, context.Time);
        while (!await ProbeAsync(context, cancellation))
            await timer.WaitForNextTickAsync(cancellation);
        await context.App.SetHealthAsync(true);
    }

    public static async Task WatchAsync(SidecarContext context, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(context.Options.AppHealthProbeInterval, context.Time);
        var failures = 0;
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            failures = await ProbeAsync(context, cancellation) ? 0 : failures + 1;
            if (failures == 0 || failures == context.Options.AppHealthThreshold)
                await context.App.SetHealthAsync(failures == 0);
        }
    }

    private static async Task<bool> ProbeAsync(SidecarContext context, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(context.Options.AppHealthProbeTimeout);
        try
        {
            return await context.App.ProbeAsync(context.Options.AppHealthCheckPath, limit.Token);
        }
        catch (Exception failure) when (failure is HttpRequestException or RpcException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return false;
        }
    }
}
