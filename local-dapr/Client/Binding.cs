namespace Dapr.Client;

/// <summary>A call of an output binding, its data as bytes.</summary>
public sealed class BindingRequest
{
    public BindingRequest(string bindingName, string operation)
    {
        ArgumentException.ThrowIfNullOrEmpty(bindingName);
        ArgumentException.ThrowIfNullOrEmpty(operation);
        (BindingName, Operation) = (bindingName, operation);
    }

    public string BindingName { get; }

    public string Operation { get; }

    public ReadOnlyMemory<byte> Data { get; set; }

    public Dictionary<string, string> Metadata { get; } = [];
}

/// <summary>What a binding answered.</summary>
public sealed class BindingResponse(BindingRequest request, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata)
{
    public BindingRequest Request { get; } = request;

    public ReadOnlyMemory<byte> Data { get; } = data;

    public IReadOnlyDictionary<string, string> Metadata { get; } = metadata;
}
