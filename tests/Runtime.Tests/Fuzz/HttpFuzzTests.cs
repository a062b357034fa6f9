using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.Tests.Fuzz;

public sealed class HttpFuzzTests(ITestOutputHelper output)
{
    private const int PerRoute = 20;
    private const int PerRouteWithBody = 100;

    [Theory]
    [InlineData(Backends.Declared)]
    [InlineData(Backends.Embedded)]
    public async Task Nonsense_on_any_route_is_the_clients_mistake_and_harms_nothing(Backends backends)
    {
        output.WriteLine(FuzzSeed.Hint);
        await using var sidecar = await FuzzedSidecar.StartAsync(backends);
        var cases = Cases(sidecar, FuzzSeed.For($"http {backends}"));
        var broken = await HttpLaws.BrokenAsync(sidecar, cases);
        FuzzSeed.AssertNone(broken, cases.Count);
        await sidecar.AssertUnharmedAsync();
    }

    internal static List<HttpCase> Cases(FuzzedSidecar sidecar, Random random)
    {
        string[] firsts = [.. sidecar.Components, "none", "%00", "%", "%ff", "k"];
        var cases = new List<HttpCase>();
        foreach (var (method, template) in sidecar.Sidecar.Routes.All.Append(("POST", "v1.0/invoke/{app}/method/{path}")).Order())
        {
            string[] own = template.Contains("/invoke/", StringComparison.Ordinal) ? ["myapp", "myapp.default", .. firsts] : firsts;
            var count = method is "POST" or "PUT" ? PerRouteWithBody : PerRoute;
            for (var i = 0; i < count; i++)
                cases.Add(HttpCase.For(random, method, template, random.GetItems(own, 1)[0]));
        }
        return cases;
    }
}
