using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.Tests.Fuzz;

[Collection(nameof(AloneOnTheMachine))]
public sealed class SocketFuzzTests(ITestOutputHelper output)
{
    private const int PerKind = 400;
    private const int AtOnce = 16;

    [Fact]
    public async Task Broken_bytes_on_either_port_end_in_an_answer_or_a_closed_connection_and_harm_nothing()
    {
        output.WriteLine(FuzzSeed.Hint);
        await using var sidecar = await FuzzedSidecar.StartAsync(Backends.Embedded);
        var random = FuzzSeed.For("socket");
        var silent = RawConnection.ExchangeAsync(sidecar.Sidecar.HttpPort, "GET /v1.0/healthz HTTP/1.1\r\nHost: x\r\n"u8.ToArray(), ends: false);
        int[] ports = [sidecar.Sidecar.HttpPort, sidecar.Sidecar.GrpcPort];
        var cases = new List<(int Port, byte[] Bytes)>();
        for (var i = 0; i < PerKind; i++)
        {
            cases.Add((random.GetItems(ports, 1)[0], Scraps.Bytes(random, 3000)));
            cases.Add((ports[0], Cut(random, WireBytes.RightHttp1(random))));
            cases.Add((ports[0], Scraps.Damaged(random, WireBytes.RightHttp1(random))));
            cases.Add((ports[1], Cut(random, WireBytes.RightHttp2(random, Scraps.Bytes(random, 100)))));
            cases.Add((ports[1], Scraps.Damaged(random, WireBytes.RightHttp2(random, Scraps.Bytes(random, 100)))));
        }
        var broken = await FuzzedCases.BrokenAsync(
            cases, AtOnce, async sent => HttpLaws.Problem(await RawConnection.ExchangeAsync(sent.Port, sent.Bytes, ends: true)), sent => Scraps.Show(sent.Bytes));
        FuzzSeed.AssertNone(broken, cases.Count);
        // A client that stops in the middle of its head and stays is given up after 10 s (contract section 1).
        Assert.InRange((await silent).Status, 0, 499);
        await sidecar.AssertUnharmedAsync();
    }

    private static byte[] Cut(Random random, byte[] whole) => whole[..random.Next(1, whole.Length)];
}
