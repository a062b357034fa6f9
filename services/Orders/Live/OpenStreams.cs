using Microsoft.Extensions.Options;
using Quayside.ServiceDefaults.Clients;

namespace Quayside.Orders.Live;

/// <summary>Counts the streams that this replica keeps open: each is a connection through gateway, sidecar and service.</summary>
internal sealed class OpenStreams(IOptions<LiveOptions> options)
{
    private readonly Places _places = new(options.Value.StreamsPerUser, options.Value.Streams);

    /// <returns>To be disposed of when the stream ends; null if there are too many.</returns>
    public IDisposable? TryOpen(string userId) => _places.TryTake(userId);
}
