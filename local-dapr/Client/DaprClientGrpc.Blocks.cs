using System.Diagnostics.CodeAnalysis;
using Dapr.Proto.Runtime.V1;
using Google.Protobuf;
using LocalDapr.Protocol.Grpc;

namespace Dapr.Client;

/// <summary>Bindings, secrets, configuration, locks and metadata.</summary>
internal sealed partial class DaprClientGrpc
{
    public override Task InvokeBindingAsync<TRequest>(string bindingName, string operation, TRequest data, IReadOnlyDictionary<string, string>? metadata = null, CancellationToken cancellationToken = default) =>
        BindAsync(bindingName, operation, data is null ? ByteString.Empty : ToJson("Binding", data), metadata, cancellationToken);

    public override async Task<TResponse> InvokeBindingAsync<TRequest, TResponse>(string bindingName, string operation, TRequest data, IReadOnlyDictionary<string, string>? metadata = null, CancellationToken cancellationToken = default) =>
        FromJson<TResponse>("Binding", (await BindAsync(bindingName, operation, data is null ? ByteString.Empty : ToJson("Binding", data), metadata, cancellationToken)).Data);

    public override async Task<BindingResponse> InvokeBindingAsync(BindingRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var answer = await BindAsync(request.BindingName, request.Operation, ByteString.CopyFrom(request.Data.Span), request.Metadata, cancellationToken);
        return new(request, answer.Data.Memory, new Dictionary<string, string>(answer.Metadata));
    }

    public override async Task<Dictionary<string, string>> GetSecretAsync(string storeName, string key, IReadOnlyDictionary<string, string>? metadata = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(storeName);
        ArgumentException.ThrowIfNullOrEmpty(key);
        var request = new GetSecretRequest { StoreName = storeName, Key = key };
        Add(request.Metadata, metadata);
        return new((await CallAsync("Secret", DaprMethods.GetSecret, request, cancellationToken)).Data);
    }

    public override async Task<Dictionary<string, Dictionary<string, string>>> GetBulkSecretAsync(string storeName, IReadOnlyDictionary<string, string>? metadata = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(storeName);
        var request = new GetBulkSecretRequest { StoreName = storeName };
        Add(request.Metadata, metadata);
        return (await CallAsync("Bulk secret", DaprMethods.GetBulkSecret, request, cancellationToken)).Data
            .ToDictionary(s => s.Key, s => new Dictionary<string, string>(s.Value.Secrets));
    }

    public override async Task<GetConfigurationResponse> GetConfiguration(string storeName, IReadOnlyList<string> keys, IReadOnlyDictionary<string, string>? metadata = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(storeName);
        var request = new GetConfigurationRequest { StoreName = storeName };
        request.Keys.AddRange(keys ?? []);
        Add(request.Metadata, metadata);
        var answer = await CallAsync("GetConfiguration", DaprMethods.GetConfiguration, request, cancellationToken);
        return new(answer.Items.ToDictionary(i => i.Key, i => new ConfigurationItem(i.Value.Value, i.Value.Version, new Dictionary<string, string>(i.Value.Metadata))));
    }

    [Experimental("DAPR_DISTRIBUTEDLOCK")]
    public override async Task<TryLockResponse> Lock(string storeName, string resourceId, string lockOwner, int expiryInSeconds, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(storeName);
        ArgumentException.ThrowIfNullOrEmpty(resourceId);
        ArgumentException.ThrowIfNullOrEmpty(lockOwner);
        if (expiryInSeconds <= 0)
            throw new ArgumentException($"The value cannot be zero or less than zero: {expiryInSeconds}", nameof(expiryInSeconds));
        var request = new TryLockRequest { StoreName = storeName, ResourceId = resourceId, LockOwner = lockOwner, ExpiryInSeconds = expiryInSeconds };
        var answer = await CallAsync("Lock", DaprMethods.TryLockAlpha1, request, cancellationToken);
        return new() { StoreName = storeName, ResourceId = resourceId, LockOwner = lockOwner, Success = answer.Success };
    }

    [Experimental("DAPR_DISTRIBUTEDLOCK")]
    public override async Task<UnlockResponse> Unlock(string storeName, string resourceId, string lockOwner, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(storeName);
        ArgumentException.ThrowIfNullOrEmpty(resourceId);
        ArgumentException.ThrowIfNullOrEmpty(lockOwner);
        var request = new UnlockRequest { StoreName = storeName, ResourceId = resourceId, LockOwner = lockOwner };
        var answer = await CallAsync("Lock", DaprMethods.UnlockAlpha1, request, cancellationToken);
        return new((LockStatus)(int)answer.Status);
    }

    public override async Task<DaprMetadata> GetMetadataAsync(CancellationToken cancellationToken = default)
    {
        var answer = await CallAsync("Get metadata", DaprMethods.GetMetadata, new(), cancellationToken);
        return new(answer.Id,
            [.. answer.ActorRuntime?.ActiveActors.Select(a => new DaprActorMetadata(a.Type, a.Count)) ?? []],
            new Dictionary<string, string>(answer.ExtendedMetadata),
            [.. answer.RegisteredComponents.Select(c => new DaprComponentsMetadata(c.Name, c.Type, c.Version, [.. c.Capabilities]))]);
    }

    public override Task SetMetadataAsync(string attributeName, string attributeValue, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(attributeName);
        return CallAsync("Set metadata", DaprMethods.SetMetadata, new() { Key = attributeName, Value = attributeValue }, cancellationToken);
    }

    private Task<InvokeBindingResponse> BindAsync(string name, string operation, ByteString data, IReadOnlyDictionary<string, string>? metadata, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(operation);
        var request = new InvokeBindingRequest { Name = name, Operation = operation, Data = data };
        Add(request.Metadata, metadata);
        return CallAsync("Binding", DaprMethods.InvokeBinding, request, cancellationToken);
    }
}
