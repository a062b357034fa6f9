using System.Text;
using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.Tests.Fuzz;

[Collection(nameof(AloneOnTheMachine))]
public sealed class SteadyMemoryFuzzTests(ITestOutputHelper output)
{
    private const int Rounds = 5;

    /// <summary>Paths and verbs have series on the metrics page up to a bound: so many requests fill it.</summary>
    private const int WarmUpRounds = 3;

    private const int VerbsAndPaths = 700;

    private const int CutCalls = 200;

    /// <summary>Less than anything that could be kept of a request: an object, its key, its place in a table.</summary>
    private const int BytesPerRequest = 16;

    [Fact]
    public async Task Nothing_is_kept_of_requests_that_are_refused()
    {
        output.WriteLine(FuzzSeed.Hint);
        await using var sidecar = await FuzzedSidecar.StartAsync(Backends.Embedded);
        var random = FuzzSeed.For("memory");
        var refused = await RefusedAsync(sidecar, random);
        for (var i = 0; i < WarmUpRounds; i++)
            await RoundAsync();
        var perRequest = new List<long>();
        for (var i = 0; i < Rounds; i++)
        {
            var before = GC.GetTotalMemory(forceFullCollection: true);
            var sent = await RoundAsync();
            perRequest.Add((GC.GetTotalMemory(forceFullCollection: true) - before) / sent);
        }
        output.WriteLine($"bytes kept of each request: {string.Join(", ", perRequest)}");
        // A pool or a table grows once, a leak in every round.
        Assert.InRange(perRequest.Min(), long.MinValue, BytesPerRequest);
        await sidecar.AssertUnharmedAsync();

        async Task<int> RoundAsync()
        {
            List<HttpCase> http = [.. Enumerable.Range(0, VerbsAndPaths).Select(_ => Unknown(random)), .. refused.Select(route => Cut(random, route))];
            var grpc = GrpcTarget.All.SelectMany(t => GrpcCase.Frames(random, t.Path, new RandomMessage(random, ["k"], "k").Create(t.Type))).ToList();
            var cut = Enumerable.Range(0, CutCalls).Select(_ => WireBytes.RightHttp2(random, [])).Select(whole => whole[..random.Next(1, whole.Length - 1)]).ToList();
            FuzzSeed.AssertNone(await HttpLaws.BrokenAsync(sidecar, http), http.Count);
            FuzzSeed.AssertNone(await GrpcLaws.BrokenAsync(sidecar, grpc), grpc.Count);
            await Parallel.ForEachAsync(cut, async (bytes, _) => await RawConnection.ExchangeAsync(sidecar.Sidecar.GrpcPort, bytes, ends: true));
            return http.Count + grpc.Count + cut.Count;
        }
    }

    /// <summary>The routes that take no body that is cut off: the others keep what they are given, as they should.</summary>
    private static async Task<List<(string Method, string Path)>> RefusedAsync(FuzzedSidecar sidecar, Random random)
    {
        var routes = new List<(string Method, string Path)>();
        foreach (var (method, template) in sidecar.Sidecar.Routes.All)
        {
            foreach (var component in sidecar.Components)
            {
                var route = (method, "/" + string.Join('/', template.Split('/').Select(s => s[0] == '{' ? component : s)));
                if ((await RawConnection.ExchangeAsync(sidecar.Sidecar.HttpPort, Cut(random, route).Bytes, ends: false)).Status is >= 400)
                    routes.Add(route);
            }
        }
        return routes;
    }

    private static HttpCase Unknown(Random random) =>
        Case(new string(random.GetItems("ABCDEFGHIJKLMNOPQRSTUVWXYZ".AsSpan(), 6)), $"/v1.0/{random.NextInt64():x}", []);

    private static HttpCase Cut(Random random, (string Method, string Path) route) =>
        Case(route.Method, route.Path, Encoding.UTF8.GetBytes($$"""[{"{{random.NextInt64():x}}":{"""));

    private static HttpCase Case(string method, string path, byte[] body) =>
        new(Encoding.ASCII.GetBytes($"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n"), body);
}
