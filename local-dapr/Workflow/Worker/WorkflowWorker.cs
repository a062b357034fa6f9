using Dapr.Common.Serialization;
using Google.Protobuf;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Protocol.TaskHub;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dapr.Workflow.Worker;

/// <summary>
/// Takes work items from the sidecar as long as the app lives. A lost stream is opened again after 100 ms, doubling up to 2 s: the engine hands
/// out everything again that was not answered.
/// </summary>
internal sealed partial class WorkflowWorker(
    WorkflowChannel connection, WorkflowRuntimeOptions options, IWorkflowsFactory registered, IDaprSerializer serializer, IServiceScopeFactory scopes, ILoggerFactory loggers,
    TimeProvider time, IConfiguration? configuration = null) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);

    private readonly GrpcChannel channel = connection.Channel;
    private readonly ILogger logger = loggers.CreateLogger<WorkflowWorker>();
    private readonly WorkflowTurn turns = new(registered, serializer, loggers, NonDeterminismSetting.Of(configuration));
    private readonly ActivityRun activities = new(registered, serializer, loggers);
    private readonly SemaphoreSlim turnSlots = new(options.TurnLimit);
    private readonly SemaphoreSlim activitySlots = new(options.ActivityLimit);

    public override void Dispose()
    {
        turnSlots.Dispose();
        activitySlots.Dispose();
        base.Dispose();
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        // Answers that are under way are worth a moment: without them the work is done again.
        for (var i = 0; i < options.ActivityLimit; i++)
            if (!await activitySlots.WaitAsync(TimeSpan.FromSeconds(5), cancellationToken))
                return;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = FirstPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            var opened = time.GetTimestamp();
            using var life = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            var alive = KeepAliveAsync(life);
            try
            {
                await foreach (var item in channel.ServerStreamAsync(TaskHubMethods.GetWorkItems, new(), new() { CancellationToken = life.Token }))
                {
                    pause = FirstPause;
                    Dispatch(item);
                }
                Log.StreamEnded(logger);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is RpcException or OperationCanceledException)
            {
                Log.StreamLost(logger, pause.TotalMilliseconds, e.Message);
            }
            finally
            {
                await life.CancelAsync();
                await alive;
            }
            if (time.GetElapsedTime(opened) > LongestPause)
                pause = FirstPause;
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private void Dispatch(WorkItem item)
    {
        switch (item.RequestCase)
        {
            case WorkItem.RequestOneofCase.WorkflowRequest:
                _ = Task.Run(() => AnswerAsync(turnSlots, services => TurnAsync(item, services), TaskHubMethods.CompleteOrchestratorTask));
                break;
            case WorkItem.RequestOneofCase.ActivityRequest:
                _ = Task.Run(() => AnswerAsync(activitySlots, services => ActivityAsync(item, services), TaskHubMethods.CompleteActivityTask));
                break;
        }
    }

    private async Task<WorkflowResponse> TurnAsync(WorkItem item, IServiceProvider services)
    {
        var request = item.WorkflowRequest;
        var past = request.RequiresHistoryStreaming
            ? (await channel.UnaryAsync(TaskHubMethods.GetInstanceHistory, new() { InstanceId = request.InstanceId })).Events
            : request.PastEvents;
        var response = await turns.RunAsync(request, past, services);
        response.CompletionToken = item.CompletionToken;
        return response;
    }

    private async Task<ActivityResponse> ActivityAsync(WorkItem item, IServiceProvider services)
    {
        var response = await activities.RunAsync(item.ActivityRequest, services);
        response.CompletionToken = item.CompletionToken;
        return response;
    }

    // An answer that gets lost is not repeated: the engine hands out its item again.
    private async Task AnswerAsync<TAnswer>(SemaphoreSlim slots, Func<IServiceProvider, Task<TAnswer>> work, Method<TAnswer, CompleteTaskResponse> complete)
        where TAnswer : IMessage<TAnswer>
    {
        await slots.WaitAsync();
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await channel.UnaryAsync(complete, await work(scope.ServiceProvider));
        }
        catch (Exception e)
        {
            Log.AnswerLost(logger, complete.Name, e);
        }
        finally
        {
            slots.Release();
        }
    }

    private async Task KeepAliveAsync(CancellationTokenSource life)
    {
        using var timer = new PeriodicTimer(KeepAlive, time);
        try
        {
            while (await timer.WaitForNextTickAsync(life.Token))
                await channel.UnaryAsync(TaskHubMethods.Hello, new(), new() { CancellationToken = life.Token, Timeout = KeepAlive });
        }
        catch (OperationCanceledException)
        {
            // The stream is over.
        }
        catch (RpcException)
        {
            await life.CancelAsync();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Debug, "The sidecar ended the stream of work items.")]
        public static partial void StreamEnded(ILogger logger);

        [LoggerMessage(LogLevel.Information, "No work items from the sidecar, next try in {Pause} ms: {Reason}")]
        public static partial void StreamLost(ILogger logger, double pause, string reason);

        [LoggerMessage(LogLevel.Warning, "{Method} was not taken by the sidecar; the work will be handed out again.")]
        public static partial void AnswerLost(ILogger logger, string method, Exception exception);
    }
}
