using System.Text.Json.Nodes;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.Hosting;

/// <summary>
/// One building block of one sidecar. The sidecar calls, in this order: <see cref="LoadAsync"/> for each of its components (secret stores first),
/// <see cref="ApplyAsync"/>, <see cref="Map"/>, then opens its ports; <see cref="StartAsync"/>; once the app's port is open (and it is healthy)
/// <see cref="AppReadyAsync"/>; at the end <see cref="StopAsync"/>.
/// </summary>
public interface ISidecarFeature
{
    /// <summary>True for the component types that this feature loads, such as those beginning with <c>state.</c>.</summary>
    bool Loads(string componentType) => false;

    /// <summary>Opens a component. Throwing ends the sidecar's start (unless the component says ignoreErrors).</summary>
    Task LoadAsync(Component component, CancellationToken cancellation) => Task.CompletedTask;

    Task UnloadAsync(string componentName) => Task.CompletedTask;

    /// <summary>What the metadata API lists as capabilities of a loaded component.</summary>
    IReadOnlyList<string> Capabilities(string componentName) => [];

    /// <summary>Takes in the resources that are no components; called again when files change.</summary>
    Task ApplyAsync(ResourceSet resources, CancellationToken cancellation) => Task.CompletedTask;

    void Map(ApiRoutes http, GrpcServices grpc)
    {
    }

    /// <summary>The APIs answer; the app may not be there yet.</summary>
    Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>The app accepts calls for the first time: asked for its subscriptions, bindings and so on, in the order of the features.</summary>
    Task AppReadyAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Stops taking new work and waits for what is in flight, within <see cref="SidecarOptions.GracefulShutdown"/>.</summary>
    Task StopAsync() => Task.CompletedTask;

    /// <summary>Adds to the document of GET /v1.0/metadata.</summary>
    void Describe(JsonObject metadata)
    {
    }
}
