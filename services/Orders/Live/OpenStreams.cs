using Microsoft.Extensions.Options;

namespace Quayside.Orders.Live;

/// <summary>Counts the streams that this replica keeps open: each is a connection through gateway, sidecar and service.</summary>
internal sealed class OpenStreams(IOptions<LiveOptions> options)
{
    private readonly Dictionary<string, int> _ofUser = new(StringComparer.Ordinal);
    private int _all;

    /// <returns>To be disposed of when the stream ends; null if there are too many.</returns>
    public IDisposable? TryOpen(string userId)
    {
        lock (_ofUser)
        {
            var open = _ofUser.GetValueOrDefault(userId);
            if (_all >= options.Value.Streams || open >= options.Value.StreamsPerUser)
                return null;
            _all++;
            _ofUser[userId] = open + 1;
            return new Place(this, userId);
        }
    }

    private void Close(string userId)
    {
        lock (_ofUser)
        {
            _all--;
            if (--_ofUser[userId] == 0)
                _ofUser.Remove(userId);
        }
    }

    private sealed class Place(OpenStreams streams, string userId) : IDisposable
    {
        public void Dispose() => streams.Close(userId);
    }
}
