using System.CommandLine;
using System.Diagnostics;
using Quayside.Bench.GatewayLoad;

var gateway = new Option<Uri>("--gateway") { Description = "where the house is", DefaultValueFactory = _ => new Uri("http://localhost:8080") };
var data = new Option<string>("--data-dir") { Description = "the house's data folder, which says where the gateway's sidecar is", DefaultValueFactory = _ => ".dapr/local" };
var calls = new Option<int>("--calls") { Description = "calls each way, one at a time, for the overhead", DefaultValueFactory = _ => 5_000 };
var clients = new Option<int>("--clients") { Description = "at once, for the throughput", DefaultValueFactory = _ => 32 };
var seconds = new Option<int>("--seconds") { Description = "of throughput", DefaultValueFactory = _ => 20 };

var root = new RootCommand("Reads one order through the gateway and through the gateway's sidecar, by turns, and says what the gateway adds; then as many as it can. "
    + "The house must run with a DAPR_API_TOKEN that is set here too, and with a rate limit that is out of the way.") { gateway, data, calls, clients, seconds };
root.SetAction(async (parsed, cancellation) =>
{
    using var shop = await Shop.OpenAsync(parsed.GetValue(gateway)!, parsed.GetValue(data)!, cancellation);
    await OverheadAsync(shop, 1_000, Console.Error, cancellation);
    await OverheadAsync(shop, parsed.GetValue(calls), Console.Out, cancellation);
    await ThroughputAsync(shop, parsed.GetValue(clients), TimeSpan.FromSeconds(parsed.GetValue(seconds)), cancellation);
});
return await root.Parse(args).InvokeAsync();

static async Task OverheadAsync(Shop shop, int calls, TextWriter output, CancellationToken cancellation)
{
    var (through, direct) = (new double[calls], new double[calls]);
    for (var i = 0; i < calls; i++)
    {
        through[i] = await TimeAsync(() => shop.ReadThroughGatewayAsync(cancellation));
        direct[i] = await TimeAsync(() => shop.ReadThroughSidecarAsync(cancellation));
    }
    await output.WriteLineAsync($"gateway  p50 {Percentile(through, 50):0.000} ms  p99 {Percentile(through, 99):0.000} ms");
    await output.WriteLineAsync($"sidecar  p50 {Percentile(direct, 50):0.000} ms  p99 {Percentile(direct, 99):0.000} ms");
    await output.WriteLineAsync($"added    p50 {Percentile(through, 50) - Percentile(direct, 50):0.000} ms");
}

static async Task ThroughputAsync(Shop shop, int clients, TimeSpan time, CancellationToken cancellation)
{
    var done = 0;
    var clock = Stopwatch.StartNew();
    await Task.WhenAll(Enumerable.Range(0, clients).Select(async _ =>
    {
        while (clock.Elapsed < time)
        {
            await shop.ReadThroughGatewayAsync(cancellation);
            Interlocked.Increment(ref done);
        }
    }));
    Console.WriteLine($"{clients} clients: {done / clock.Elapsed.TotalSeconds:0} authenticated GET/s");
}

static async Task<double> TimeAsync(Func<Task> work)
{
    var started = Stopwatch.GetTimestamp();
    await work();
    return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
}

static double Percentile(double[] times, int percent) => times.Order().ElementAt(Math.Min(times.Length - 1, times.Length * percent / 100));
