using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Resources;
using Dapr.Proto.Runtime.V1;
using Google.Protobuf.WellKnownTypes;

namespace LocalDapr.Runtime.Bindings;

/// <summary>The input bindings of one sidecar: which of them the app wants, and how their events reach it (contract section 12).</summary>
internal sealed partial class InputBindings(SidecarContext context)
{
    private readonly Dictionary<string, (Component Component, CronBinding Binding)> loaded = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CancellationTokenSource> running = new(StringComparer.Ordinal);
    private readonly ILogger log = context.Loggers.CreateLogger("dapr.bindings");
    private readonly Lock gate = new();
    private GrpcChannel? grpc;
    private IReadOnlyCollection<string>? wantedByGrpc;
    private bool appReady;

    public bool Has(string name)
    {
        lock (gate)
            return loaded.ContainsKey(name);
    }

    public async Task LoadAsync(Component component, CancellationToken cancellation)
    {
        lock (gate)
            loaded[component.Name] = (component, new CronBinding(component));
        if (appReady)
            await StartAsync(component.Name, cancellation);
    }

    public void Unload(string name)
    {
        lock (gate)
        {
            loaded.Remove(name);
            if (running.Remove(name, out var stop))
                stop.Cancel();
        }
    }

    public async Task AppReadyAsync(CancellationToken cancellation)
    {
        if (!context.App.Exists)
            return;
        appReady = true;
        string[] names;
        lock (gate)
            names = [.. loaded.Keys];
        foreach (var name in names)
            await StartAsync(name, cancellation);
    }

    public void Stop()
    {
        lock (gate)
        {
            foreach (var stop in running.Values)
                stop.Cancel();
            running.Clear();
        }
        grpc?.Dispose();
    }

    private async Task StartAsync(string name, CancellationToken cancellation)
    {
        CancellationTokenSource stop;
        (Component Component, CronBinding Binding) input;
        lock (gate)
            input = loaded[name];
        if (!await IsWantedAsync(input.Component, cancellation))
            return;
        lock (gate)
        {
            if (running.ContainsKey(name))
                return;
            running[name] = stop = CancellationTokenSource.CreateLinkedTokenSource(context.Stopping);
        }
        _ = RunAsync(input.Component, input.Binding, stop.Token);
    }

    private async Task RunAsync(Component component, CronBinding binding, CancellationToken cancellation)
    {
        try
        {
            await binding.RunAsync(metadata => DeliverAsync(component, metadata, cancellation), context.Time, cancellation);
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task<bool> IsWantedAsync(Component component, CancellationToken cancellation)
    {
        if (component["direction"] is { Length: > 0 } direction)
            return direction.Contains("input", StringComparison.OrdinalIgnoreCase);
        try
        {
            if (context.App.IsGrpc)
            {
                wantedByGrpc ??= (await Channel().UnaryAsync(AppCallbackMethods.ListInputBindings, new Empty(), new() { CancellationToken = cancellation })).Bindings;
                return wantedByGrpc.Contains(component.Name);
            }
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(context.Options.BindingOptionsTimeout);
            using var probe = new HttpRequestMessage(HttpMethod.Options, Address(component));
            using var answer = await context.App.SendAsync(probe, limit.Token);
            return answer.IsSuccessStatusCode || (int)answer.StatusCode == StatusCodes.Status405MethodNotAllowed;
        }
        catch (Exception failure) when (failure is HttpRequestException or RpcException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            Log.ProbeFailed(log, component.Name, failure.Message);
            return false;
        }
    }

    private async Task DeliverAsync(Component component, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellation)
    {
        if (!context.App.IsHealthy)
            return;
        try
        {
            await context.Policies.Inbound(component.Name, "Binding").ExecuteAsync(async attempt =>
            {
                if (context.App.IsGrpc)
                    await Channel().UnaryAsync(AppCallbackMethods.OnBindingEvent, new BindingEventRequest { Name = component.Name, Metadata = { metadata.ToDictionary() } }, new() { CancellationToken = attempt });
                else
                    await PostAsync(component, metadata, attempt);
                return true;
            }, cancellation);
        }
        catch (Exception failure)
        {
            if (!cancellation.IsCancellationRequested)
                Log.DeliveryFailed(log, component.Name, failure.Message);
        }
    }

    private async Task PostAsync(Component component, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellation)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, Address(component)) { Content = new ByteArrayContent([]) };
        message.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        foreach (var (name, value) in metadata)
            message.Headers.TryAddWithoutValidation(name, value);
        using var answer = await context.App.SendAsync(message, cancellation);
        if (!answer.IsSuccessStatusCode)
            throw new Resiliency.CodedException((int)answer.StatusCode, $"the app answered {(int)answer.StatusCode}");
    }

    private Uri Address(Component component) =>
        new(context.App.BaseAddress, "/" + (component["route"] is { Length: > 0 } route ? route.TrimStart('/') : Uri.EscapeDataString(component.Name)));

    private GrpcChannel Channel() => grpc ??= new GrpcChannel(context.App.BaseAddress, context.App.Invoker, new() { ApiToken = context.Options.AppApiToken });

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "the app did not say whether it wants the binding {Name}, so it gets no events: {Problem}")]
        public static partial void ProbeFailed(ILogger logger, string name, string problem);

        [LoggerMessage(Level = LogLevel.Error, Message = "an event of the binding {Name} was not taken: {Problem}")]
        public static partial void DeliveryFailed(ILogger logger, string name, string problem);
    }
}
