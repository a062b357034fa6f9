using System.Net;
using System.Net.Http.Headers;
using Dapr.Proto.Common.V1;
using Dapr.Proto.Runtime.V1;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Storage;

namespace LocalDapr.Runtime.Jobs;

/// <summary>Jobs of one sidecar's app (contract section 14): the API, and the delivery while the app is healthy.</summary>
internal sealed class JobsFeature(SidecarContext context) : ISidecarFeature
{
    private readonly Lazy<JobScheduler> scheduler = new(() => context.Runtime.Shared(runtime =>
        new JobScheduler(OpenDatabase(runtime), runtime.Time, context.Loggers.CreateLogger("dapr.jobs"))));

    private string AppId => context.Options.AppId;

    public void Map(ApiRoutes http, GrpcServices grpc) => JobsApi.Map(http, grpc, AppId, context.Options.Namespace, scheduler);

    public Task AppReadyAsync(CancellationToken cancellation)
    {
        if (!context.App.Exists)
            return Task.CompletedTask;
        context.App.HealthChanged += healthy =>
        {
            Follow(healthy);
            return Task.CompletedTask;
        };
        Follow(context.App.IsHealthy);
        return Task.CompletedTask;
    }

    public Task StopAsync()
    {
        if (scheduler.IsValueCreated)
            scheduler.Value.Detach(AppId);
        return Task.CompletedTask;
    }

    private static Database OpenDatabase(LocalRuntime runtime) => runtime.Options.JobsDirectory is { } folder
        ? Database.Open(Path.Combine(folder, "jobs.db"), Durability.Normal, JobScheduler.Schema)
        : runtime.OpenDatabase("jobs", JobScheduler.Schema);

    private void Follow(bool healthy)
    {
        if (healthy && !context.Stopping.IsCancellationRequested)
            scheduler.Value.Attach(AppId, DeliverAsync);
        else
            scheduler.Value.Detach(AppId);
    }

    private async Task<bool> DeliverAsync(Job job, CancellationToken cancellation)
    {
        try
        {
            return context.App.IsGrpc ? await DeliverByGrpcAsync(job, cancellation) : await DeliverByHttpAsync(job, cancellation);
        }
        catch (Exception failure) when (failure is HttpRequestException or RpcException)
        {
            return false;
        }
    }

    /// <summary>404 is an app that has no such job: nothing to try again.</summary>
    private async Task<bool> DeliverByHttpAsync(Job job, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(context.App.BaseAddress, "job/" + Uri.EscapeDataString(job.Name)));
        request.Content = new ByteArrayContent(JobJson.Body(job.Data));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await context.App.SendAsync(request, cancellation);
        return response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.NotFound;
    }

    private async Task<bool> DeliverByGrpcAsync(Job job, CancellationToken cancellation)
    {
        var request = new JobEventRequest
        {
            Name = job.Name,
            Data = job.Data,
            Method = "job/" + job.Name,
            ContentType = job.Data?.TypeUrl ?? "",
            HttpExtension = new() { Verb = HTTPExtension.Types.Verb.Post },
        };
        return await CallAsync(AppCallbackMethods.OnJobEvent) ?? await CallAsync(AppCallbackMethods.OnJobEventAlpha1) ?? false;

        async Task<bool?> CallAsync(Method<JobEventRequest, JobEventResponse> method)
        {
            using var place = await context.App.EnterAsync(cancellation);
            try
            {
                await context.App.Grpc.UnaryAsync(method, request, new() { CancellationToken = cancellation });
                return true;
            }
            catch (RpcException failure) when (failure.Status is StatusCode.Unimplemented or StatusCode.NotFound)
            {
                return failure.Status == StatusCode.NotFound ? true : null;
            }
        }
    }
}
