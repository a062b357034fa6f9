using System.Diagnostics.CodeAnalysis;

namespace LocalDapr.Runtime.Bindings;

/// <summary>One output binding component.</summary>
internal interface IOutputBinding : IDisposable
{
    /// <summary>Null when the component has nothing to say: the API then answers 204.</summary>
    /// <exception cref="BindingException">The operation failed, or is not one of this binding.</exception>
    Task<BindingResult?> InvokeAsync(BindingRequest request, CancellationToken cancellation);
}

/// <summary><paramref name="Data"/> is JSON as it was sent over HTTP, or the bytes of a gRPC call.</summary>
internal sealed record BindingRequest(string Operation, ReadOnlyMemory<byte> Data, IReadOnlyDictionary<string, string> Metadata);

/// <summary>What a binding gives back; the metadata become headers.</summary>
internal sealed record BindingResult(ReadOnlyMemory<byte> Data, IReadOnlyDictionary<string, string> Metadata);

/// <summary>A failed operation, with what the other side said about it.</summary>
[SuppressMessage("Design", "CA1032", Justification = "Always made with a message.")]
internal sealed class BindingException(string message, IReadOnlyDictionary<string, string>? metadata = null) : Exception(message)
{
    public IReadOnlyDictionary<string, string>? Metadata { get; } = metadata;

    public static BindingException NoSuchOperation(string operation) =>
        new(operation.Length == 0 ? "the request names no operation" : $"this binding has no operation {operation}");
}
