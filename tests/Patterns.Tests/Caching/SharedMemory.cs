using System.Globalization;
using Quayside.Caching;

namespace Quayside.Patterns.Tests.Caching;

/// <summary>A second level in memory, with the faults of a real one: down, hanging, holding what somebody else wrote.</summary>
internal sealed class SharedMemory(TimeProvider time) : ISecondLevel
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (byte[] Value, string ETag, TimeSpan Life, long Ends)> _entries = [];
    private long _etags;

    public bool IsDown { get; set; }
    public bool IsHanging { get; set; }
    public int Calls { get; private set; }
    public int Writes { get; private set; }

    /// <summary>Runs before each write.</summary>
    public Action BeforeWrite { get; set; } = () => { };

    public string? Find(string key)
    {
        lock (_gate)
            return Live(key) ? System.Text.Encoding.UTF8.GetString(_entries[key].Value) : null;
    }

    public TimeSpan LifeOf(string key)
    {
        lock (_gate)
            return _entries[key].Life;
    }

    public void Put(string key, byte[] value)
    {
        lock (_gate)
            _entries[key] = (value, NewETag(), TimeSpan.FromHours(1), long.MaxValue);
    }

    public async Task<(ReadOnlyMemory<byte> Value, string ETag)> GetAsync(string key, CancellationToken cancellationToken)
    {
        await PassAsync().ConfigureAwait(false);
        lock (_gate)
            return Live(key) ? (_entries[key].Value, _entries[key].ETag) : (default, "");
    }

    public async Task<bool> TrySetAsync(string key, ReadOnlyMemory<byte> value, string etag, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        BeforeWrite();
        await PassAsync().ConfigureAwait(false);
        lock (_gate)
        {
            if ((Live(key) ? _entries[key].ETag : "") != etag)
                return false;
            Writes++;
            _entries[key] = (value.ToArray(), NewETag(), timeToLive, time.GetTimestamp() + (long)(timeToLive.TotalSeconds * time.TimestampFrequency));
            return true;
        }
    }

    private async Task PassAsync()
    {
        Calls++;
        if (IsHanging)
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
        if (IsDown)
            throw new IOException("down");
    }

    private bool Live(string key) => _entries.TryGetValue(key, out var entry) && time.GetTimestamp() < entry.Ends;

    private string NewETag() => (++_etags).ToString(CultureInfo.InvariantCulture);
}
