using System.Security.Cryptography;
using System.Text;

namespace Dapr.Workflow.Worker;

/// <summary>Ids that every replay makes again (Dapr .NET SDK 1.18): RFC 4122 version 5 under a namespace of the run.</summary>
internal static class DeterministicGuid
{
    private static readonly Guid Root = new("6f927a2e-9c7e-4a1d-9b8d-7a86f2e7f62f");

    /// <summary>The namespace of a run: its execution id, or its instance id without one; a GUID stands for itself.</summary>
    public static Guid Namespace(string instanceId, string? executionId)
    {
        var seed = string.IsNullOrWhiteSpace(executionId) ? instanceId : executionId;
        return Guid.TryParse(seed, out var guid) ? guid : Create(Root, seed);
    }

    public static Guid Create(Guid ns, string name)
    {
        var text = Encoding.UTF8.GetByteCount(name);
        Span<byte> source = text <= 512 ? stackalloc byte[16 + text] : new byte[16 + text];
        ns.TryWriteBytes(source, bigEndian: true, out _);
        Encoding.UTF8.GetBytes(name, source[16..]);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
#pragma warning disable CA5350 // Version 5 is defined over SHA-1; nothing here is a secret.
        SHA1.HashData(source, hash);
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new(hash[..16], bigEndian: true);
    }
}
