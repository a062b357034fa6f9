using System.Diagnostics;
using System.Text;

namespace Quayside.Bench.RuntimeLoad;

/// <summary>Each building block beside the bare call, by turns: 16 connections, bodies of 1 KiB.</summary>
internal static class Calls
{
    private const int Connections = 16;
    private const int Rounds = 3;
    private const int Rate = 1_000;
    private static int published;

    private static readonly string Body = $"\"{new string('x', 1_022)}\"";

    public static async Task RunAsync(string dapr, string backends, TimeSpan time, CancellationToken cancellation)
    {
        await using var house = await House.StartAsync(dapr, backends, apps: 2, cancellation);
        (string Name, Func<int, HttpRequestMessage> Request)[] kinds =
        [
            ("the bare call", _ => Post(house.App, "echo", Body)),
            ("an invocation", _ => Post(house.Sidecar, "invoke/echo/method/echo", Body)),
            ("a state save", n => Post(house.Sidecar, "state/state", $$"""[{"key":"k{{n % 1_000}}","value":{{Body}}}]""")),
            ("a state get", n => new(HttpMethod.Get, new Uri(house.Sidecar, $"state/state/k{n % 1_000}"))),
            ("a publish with its delivery", _ => Post(house.AppsSidecar, "publish/pubsub/load", Body)),
        ];
        foreach (var (_, request) in kinds)
            await SendAsync(house, request, TimeSpan.FromSeconds(3), cancellation);
        await DeliveredAsync(house, cancellation);

        var found = kinds.ToDictionary(kind => kind.Name, _ => new List<(double PerSecond, double Cpu, double P99)>());
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (name, request) in kinds)
                found[name].Add(await MeasureAsync(house, request, name == kinds[^1].Name, time, cancellation));
        }
        var bare = Median(found[kinds[0].Name].Select(f => f.PerSecond));
        foreach (var (name, _) in kinds)
            Console.WriteLine($"{name,-28} {Median(found[name].Select(f => f.PerSecond)),7:0}/s  {Median(found[name].Select(f => f.PerSecond)) / bare,5:0 %}  runtime {Median(found[name].Select(f => f.Cpu)),4:0} µs CPU each  p99 {Median(found[name].Select(f => f.P99)),5:0.0} ms");

        var direct = await PacedAsync(house, kinds[0].Request, time, cancellation);
        var invoked = await PacedAsync(house, kinds[1].Request, time, cancellation);
        Console.WriteLine($"at {Rate}/s: bare p50 {direct.P50:0.000} ms, p99 {direct.P99:0.000} ms; an invocation adds {invoked.P50 - direct.P50:0.000} ms at p50, {invoked.P99 - direct.P99:0.000} ms at p99");
    }

    private static async Task<(double PerSecond, double Cpu, double P99)> MeasureAsync(House house, Func<int, HttpRequestMessage> request, bool isPublish, TimeSpan time, CancellationToken cancellation)
    {
        var before = house.Runtime.TotalProcessorTime;
        var clock = Stopwatch.StartNew();
        var times = await SendAsync(house, request, time, cancellation);
        if (isPublish)
            await DeliveredAsync(house, cancellation);
        var seconds = clock.Elapsed.TotalSeconds;
        house.Runtime.Refresh();
        return (times.Count / seconds, (house.Runtime.TotalProcessorTime - before).TotalMicroseconds / times.Count, Percentile(times, 99));
    }

    /// <summary>As many as the connections can carry; the milliseconds that each took.</summary>
    private static async Task<List<double>> SendAsync(House house, Func<int, HttpRequestMessage> request, TimeSpan time, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var number = 0;
        var all = await Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
        {
            List<double> times = [];
            while (clock.Elapsed < time)
                times.Add(await OneAsync(house, request(Interlocked.Increment(ref number)), cancellation));
            return times;
        }));
        return [.. all.SelectMany(times => times)];
    }

    /// <summary>So many a second, whatever they take.</summary>
    private static async Task<(double P50, double P99)> PacedAsync(House house, Func<int, HttpRequestMessage> request, TimeSpan time, CancellationToken cancellation)
    {
        List<Task<double>> calls = [];
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < time)
        {
            await tick.WaitForNextTickAsync(cancellation);
            while (calls.Count < clock.Elapsed.TotalSeconds * Rate)
                calls.Add(OneAsync(house, request(calls.Count), cancellation));
        }
        var times = await Task.WhenAll(calls);
        return (Percentile(times, 50), Percentile(times, 99));
    }

    private static async Task<double> OneAsync(House house, HttpRequestMessage message, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        using (message)
        using (var answer = await house.Http.SendAsync(message, cancellation))
        {
            await answer.Content.CopyToAsync(Stream.Null, cancellation);
            answer.EnsureSuccessStatusCode();
            if (message.RequestUri!.AbsolutePath.Contains("/publish/", StringComparison.Ordinal))
                Interlocked.Increment(ref published);
        }
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    /// <summary>Waits until the app has had all that was published.</summary>
    private static async Task DeliveredAsync(House house, CancellationToken cancellation)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (int.Parse(await house.Http.GetStringAsync(new Uri(house.App, "events"), cancellation), System.Globalization.CultureInfo.InvariantCulture) < published)
            await tick.WaitForNextTickAsync(cancellation);
    }

    private static HttpRequestMessage Post(Uri to, string path, string body) => new(HttpMethod.Post, new Uri(to, path)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);

    private static double Percentile(IReadOnlyCollection<double> times, int percent) => times.Order().ElementAt(Math.Min(times.Count - 1, times.Count * percent / 100));
}
