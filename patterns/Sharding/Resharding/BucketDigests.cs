using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Quayside.EventSourcing;

namespace Quayside.Sharding.Resharding;

/// <summary>Number and sum of hashes of the events of each bucket: equal on two shards if and only if they have the same events, in whatever order they were read.</summary>
internal sealed class BucketDigests
{
    private readonly (long Events, UInt128 Sum)[] _digests = new (long, UInt128)[Bucket.Count];

    public (long Events, UInt128 Sum) this[int bucket] => _digests[bucket];

    public void Add(int bucket, DomainEvent stored) => _digests[bucket] = (_digests[bucket].Events + 1, unchecked(_digests[bucket].Sum + Hash(stored)));

    private static UInt128 Hash(DomainEvent stored)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[8];
        Append(Encoding.UTF8.GetBytes(stored.AggregateId), number);
        Append(Encoding.UTF8.GetBytes(stored.EventType), number);
        Append(stored.Data.Span, number);
        Append(stored.Sealed.Span, number);
        Append(JsonSerializer.SerializeToUtf8Bytes(stored.Metadata), number);
        hash.AppendData(stored.EventId.ToByteArray());
        foreach (var value in (ReadOnlySpan<long>)[stored.Version, stored.SchemaVersion, stored.Timestamp.UtcTicks])
        {
            BinaryPrimitives.WriteInt64LittleEndian(number, value);
            hash.AppendData(number);
        }
        return BinaryPrimitives.ReadUInt128LittleEndian(hash.GetHashAndReset());

        void Append(ReadOnlySpan<byte> bytes, Span<byte> length)
        {
            BinaryPrimitives.WriteInt64LittleEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }
    }
}
