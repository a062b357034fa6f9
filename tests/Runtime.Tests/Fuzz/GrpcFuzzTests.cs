using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.Tests.Fuzz;

public sealed class GrpcFuzzTests(ITestOutputHelper output)
{
    private const int PerMethod = 100;

    /// <summary>Each of them takes as long as its deadline.</summary>
    private const int PerPatientMethod = 12;

    [Theory]
    [InlineData(Backends.Declared)]
    [InlineData(Backends.Embedded)]
    public async Task Nonsense_in_any_call_is_the_clients_mistake_and_harms_nothing(Backends backends)
    {
        output.WriteLine(FuzzSeed.Hint);
        await using var sidecar = await FuzzedSidecar.StartAsync(backends);
        var cases = Cases(sidecar, FuzzSeed.For($"grpc {backends}"));
        var broken = await GrpcLaws.BrokenAsync(sidecar, cases);
        FuzzSeed.AssertNone(broken, cases.Count);
        await sidecar.AssertUnharmedAsync();
    }

    /// <summary>First the calls that wait: while a worker's stream is open, others rightly wait for it.</summary>
    internal static List<GrpcCase> Cases(FuzzedSidecar sidecar, Random random)
    {
        var messages = new RandomMessage(random, sidecar.Components, "wanted", "k", "i1", "i2", "ttlInSeconds", "rawPayload", "contentType", "myapp", "upsert");
        var cases = new List<GrpcCase>();
        foreach (var target in GrpcTarget.All.OrderByDescending(t => t.MayWait).ThenBy(t => t.Path, StringComparer.Ordinal))
        {
            cases.AddRange(GrpcCase.Frames(random, target.Path, messages.Create(target.Type)));
            for (var i = 0; i < (target.MayWait ? PerPatientMethod : PerMethod); i++)
            {
                var message = messages.Create(target.Type);
                cases.Add(i % 3 > 0 ? GrpcCase.Whole(target.Path, message) : GrpcCase.Damaged(random, target.Path, target.Parser, message));
            }
        }
        return cases;
    }
}
