using System.Diagnostics;

namespace Quayside.Bench.OrderLoad;

/// <summary>One run and its figures.</summary>
internal sealed record LoadRun(
    int Orders,
    int Refused,
    TimeSpan Placing,
    TimeSpan UntilFinal,
    TimeSpan[] PostTimes,
    TimeSpan[] Lifetimes,
    IReadOnlyDictionary<string, TimeSpan> Cpu,
    double MemoryMiB,
    bool IsBalanced)
{
    public static async Task<LoadRun> RunAsync(Shop shop, int orders, int concurrency, double rate, bool giveUp, HouseProcesses processes, CancellationToken cancellation)
    {
        var products = await shop.ProductsAsync(cancellation);
        var placed = new string?[orders];
        var posts = new TimeSpan[orders];
        var before = processes.CpuTimes();
        var clock = Stopwatch.StartNew();
        await Parallel.ForEachAsync(Enumerable.Range(0, orders), new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = cancellation }, async (i, stop) =>
        {
            if (rate > 0 && TimeSpan.FromSeconds(i / rate) - clock.Elapsed is { Ticks: > 0 } early)
                await Task.Delay(early, stop);
            var sent = clock.Elapsed;
            placed[i] = await shop.PlaceAsync(products[i % products.Length], giveUp, stop);
            posts[i] = clock.Elapsed - sent;
        });
        var placing = clock.Elapsed;
        string[] ids = [.. placed.OfType<string>()];
        foreach (var id in ids)
            await shop.WaitUntilFinalAsync(id, cancellation);
        var final = clock.Elapsed;
        var after = processes.CpuTimes();
        var lifetimes = new TimeSpan[ids.Length];
        for (var i = 0; i < ids.Length; i++)
            lifetimes[i] = await shop.LifetimeAsync(ids[i], cancellation);
        return new LoadRun(ids.Length, orders - ids.Length, placing, final, posts, lifetimes, after.ToDictionary(a => a.Key, a => a.Value - before[a.Key]), processes.MemoryMiB(), await shop.BooksBalanceAsync(cancellation));
    }

    public void Print(TextWriter output)
    {
        output.WriteLine($"{Orders} orders placed in {Placing.TotalSeconds:0.0} s, all final after {UntilFinal.TotalSeconds:0.0} s: {Orders / UntilFinal.TotalSeconds:0.0} orders/s");
        if (Refused > 0)
            output.WriteLine($"{Refused} refused: {(Orders + Refused) / Placing.TotalSeconds:0} orders/s were offered");
        output.WriteLine($"POST /api/orders   p50 {Percentile(PostTimes, 50):0.0} ms  p95 {Percentile(PostTimes, 95):0.0} ms  p99 {Percentile(PostTimes, 99):0.0} ms");
        output.WriteLine($"placed to shipped  p50 {Percentile(Lifetimes, 50):0} ms  p95 {Percentile(Lifetimes, 95):0} ms  p99 {Percentile(Lifetimes, 99):0} ms");
        output.WriteLine($"CPU per order      {Cpu.Values.Sum(t => t.TotalMilliseconds) / Orders:0.00} ms");
        foreach (var (name, time) in Cpu.OrderByDescending(c => c.Value))
            output.WriteLine($"  {name,-22} {time.TotalMilliseconds / Orders,6:0.00} ms");
        output.WriteLine($"memory (PSS)       {MemoryMiB:0} MiB");
        output.WriteLine(IsBalanced ? "the books balance" : "THE BOOKS DO NOT BALANCE");
    }

    private static double Percentile(TimeSpan[] times, int percent) =>
        times.Order().ElementAt(Math.Min(times.Length - 1, times.Length * percent / 100)).TotalMilliseconds;
}
