using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Quayside.Caching;
using Quayside.Services.Tests.ServiceDefaults;

namespace Quayside.Patterns.Tests.Caching;

/// <summary>Replicas of a service with one second level and a broadcast that delivers when the test says so.</summary>
internal sealed class Replicas : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly List<MultiLevelCache> _all = [];
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, double> _counts = [];

    public Replicas(bool isMeasured = true)
    {
        Shared = new(Time);
        var meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        if (isMeasured)
            _listener.Start();
    }

    public ManualTime Time { get; } = new();

    public SharedMemory Shared { get; }

    public bool IsBrokerDown { get; set; }

    /// <summary>What was sent, as each replica would get it.</summary>
    public List<byte[]> Sent { get; } = [];

    public MultiLevelCache Start(bool withShared = true)
    {
        var cache = new MultiLevelCache(withShared ? Shared : null, Publish, _services.GetRequiredService<IMeterFactory>(), Time, NullLogger<MultiLevelCache>.Instance);
        _all.Add(cache);
        return cache;
    }

    /// <summary>What an instrument has counted, of one tag value or of all.</summary>
    public double Count(string instrument, string tag = "")
    {
        lock (_counts)
            return _counts.GetValueOrDefault($"{instrument} {tag}".Trim());
    }

    public void Dispose()
    {
        _listener.Dispose();
        _all.ForEach(cache => cache.Dispose());
        _services.Dispose();
    }

    private Task Publish(Invalidation invalidation, CancellationToken cancellationToken)
    {
        if (IsBrokerDown)
            throw new IOException("no broker");
        Sent.Add(JsonSerializer.SerializeToUtf8Bytes(invalidation, JsonSerializerOptions.Web));
        return Task.CompletedTask;
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var tag = tags.Length == 0 ? "" : (string)tags[0].Value!;
        lock (_counts)
            _counts[$"{instrument.Name} {tag}".Trim()] = _counts.GetValueOrDefault($"{instrument.Name} {tag}".Trim()) + value;
    }
}

internal sealed record Doc(string Name, long Version) : IVersioned;
