using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace LocalDapr.Runtime.Tests.Fuzz;

/// <summary>
/// The connections that Kestrel has not done with, by port. One whose client is gone counts for as long as a handler of it runs: a handler that hangs shows
/// nowhere else.
/// </summary>
internal sealed class OpenConnections : IDisposable
{
    private readonly ConcurrentDictionary<int, long> byPort = new();
    private readonly MeterListener listener = new();

    public OpenConnections()
    {
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "kestrel.active_connections")
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, change, tags, _) =>
        {
            foreach (var (name, value) in tags)
            {
                if (name == "server.port" && value is int port)
                    byPort.AddOrUpdate(port, change, (_, open) => open + change);
            }
        });
        listener.Start();
    }

    /// <summary>Fails for a port that was never connected to: then nothing is counted.</summary>
    public long On(int port) => byPort[port];

    public void Dispose() => listener.Dispose();
}
