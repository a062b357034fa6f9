using Quayside.Bench.WorkflowLoad;

namespace Quayside.Bench.RuntimeLoad;

/// <summary>Ten apps that do nothing.</summary>
internal static class Idle
{
    private const int Apps = 10;

    /// <summary>Long enough for the garbage of the start to be given back.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(20);

    public static async Task RunAsync(string dapr, CancellationToken cancellation)
    {
        await using var house = await House.StartAsync(dapr, "embedded", Apps, cancellation);
        var before = house.Runtime.TotalProcessorTime;
        await Task.Delay(Quiet, cancellation);
        house.Runtime.Refresh();
        Console.WriteLine($"{Apps} apps: ready after {house.Started.TotalSeconds:0.00} s, {Usage.Of(house.Runtime).Pss / 1_024.0:0} MiB (PSS) after {Quiet.TotalSeconds:0} s, {(house.Runtime.TotalProcessorTime - before) / Quiet:0.0 %} of a core");
    }
}
