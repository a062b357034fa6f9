using System.Collections.Concurrent;
using System.Text.Json;
using Dapr.Proto.Runtime.V1;
using Google.Protobuf;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.Bindings;

/// <summary>Bindings and their API (contract section 12): bindings.localstorage and bindings.http out, bindings.cron in, with either backends.</summary>
internal sealed class BindingsFeature(SidecarContext context) : ISidecarFeature
{
    private const string Failed = "ERR_INVOKE_OUTPUT_BINDING";

    private readonly ConcurrentDictionary<string, IOutputBinding> outputs = new(StringComparer.Ordinal);
    private readonly InputBindings inputs = new(context);

    public bool Loads(string componentType) => componentType.StartsWith("bindings.", StringComparison.Ordinal);

    public async Task LoadAsync(Component component, CancellationToken cancellation)
    {
        component.Spec.RequireVersion("v1");
        switch (component.Type)
        {
            case "bindings.localstorage":
                outputs[component.Name] = new LocalStorageBinding(component, context.Options.WorkingDirectory);
                break;
            case "bindings.http":
                outputs[component.Name] = new HttpBinding(component);
                break;
            case "bindings.cron":
                await inputs.LoadAsync(component, cancellation);
                break;
            default:
                throw component.Spec.Error($"the binding `{component.Type}` is not served by this runtime", "Use bindings.localstorage, bindings.http or bindings.cron, or run the real Dapr.");
        }
    }

    public Task UnloadAsync(string componentName)
    {
        inputs.Unload(componentName);
        if (outputs.TryRemove(componentName, out var output))
            output.Dispose();
        return Task.CompletedTask;
    }

    public IReadOnlyList<string> Capabilities(string componentName) => inputs.Has(componentName) ? ["INPUT_BINDING"] : ["OUTPUT_BINDING"];

    public void Map(ApiRoutes http, GrpcServices grpc)
    {
        http.Map("bindings", "POST,PUT", "bindings/{name}", InvokeAsync);
        grpc.Serve(DaprMethods.InvokeBinding, InvokeAsync);
    }

    public Task AppReadyAsync(CancellationToken cancellation) => inputs.AppReadyAsync(cancellation);

    public Task StopAsync()
    {
        inputs.Stop();
        return Task.CompletedTask;
    }

    private async Task InvokeAsync(HttpContext call, RouteValues route)
    {
        BindingRequest request;
        try
        {
            request = BindingJson.Read(await call.ReadBodyAsync());
        }
        catch (JsonException failure)
        {
            throw ApiException.Malformed($"failed deserializing HTTP body: {failure.Message}");
        }
        var result = await InvokeAsync(route["name"], request, metadata =>
        {
            foreach (var (name, value) in metadata)
                call.Response.Headers["metadata." + name] = value;
        }, call.RequestAborted);
        if (result is null)
            call.Response.StatusCode = StatusCodes.Status204NoContent;
        else
            await call.WriteJsonAsync(result.Data);
    }

    private async Task<InvokeBindingResponse> InvokeAsync(InvokeBindingRequest request, ServerCallContext call)
    {
        var result = await InvokeAsync(request.Name, new BindingRequest(request.Operation, request.Data.Memory, request.Metadata.AsReadOnly()), metadata =>
        {
            foreach (var (name, value) in metadata)
                call.ResponseHeaders.Add("metadata." + name.ToLowerInvariant(), value);
        }, call.CancellationToken);
        var response = new InvokeBindingResponse { Data = result is null ? ByteString.Empty : UnsafeByteOperations.UnsafeWrap(result.Data) };
        foreach (var (name, value) in result?.Metadata ?? new Dictionary<string, string>())
            response.Metadata[name] = value;
        return response;
    }

    private async Task<BindingResult?> InvokeAsync(string name, BindingRequest request, Action<IReadOnlyDictionary<string, string>> addHeaders, CancellationToken cancellation)
    {
        if (!outputs.TryGetValue(name, out var binding))
            throw Error(name, inputs.Has(name) ? "it is an input binding" : "there is no such output binding");
        try
        {
            var result = await context.Policies.Outbound(name, "Binding").ExecuteAsync(attempt => binding.InvokeAsync(request, attempt), cancellation);
            addHeaders(result?.Metadata ?? new Dictionary<string, string>());
            return result;
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            if (failure is BindingException { Metadata: { } metadata })
                addHeaders(metadata);
            throw Error(name, failure.Message);
        }
    }

    private static ApiException Error(string name, string problem) =>
        new(500, StatusCode.Internal, Failed, $"error invoking output binding {name}: {problem}");
}
