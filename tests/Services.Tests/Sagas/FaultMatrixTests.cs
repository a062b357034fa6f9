namespace Quayside.Services.Tests.Sagas;

/// <summary>
/// Every call that an order's saga makes, in every scenario, with everything that can go wrong with it. The cells are made from the calls of a run in
/// which nothing breaks; what is expected comes from the design.
/// </summary>
public sealed class FaultMatrixTests(SagaHouse house, ITestOutputHelper output) : IClassFixture<SagaHouse>
{
    public static TheoryData<string> Scenarios => new(Scenario.All.Select(scenario => scenario.Name));

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task Whatever_breaks_the_order_ends_as_the_design_says(string name)
    {
        var scenario = Scenario.All.Single(s => s.Name == name);
        var undisturbed = new Cell(house, scenario, null);
        Dictionary<string, IReadOnlyList<string>> wrong = new() { ["nothing"] = await undisturbed.RunAsync() };
        foreach (var victim in new[] { Victim.Worker, Victim.Runtime })
            wrong[$"{victim} killed in every turn"] = await new Cell(house, scenario, null, victim).RunAsync();
        foreach (var fault in Faults(await OwnCallsAsync(scenario, undisturbed.Calls)))
            wrong[fault.ToString()] = await new Cell(house, scenario, fault).RunAsync();

        output.WriteLine($"{name}: {wrong.Count} cells");
        var failures = wrong.Where(cell => cell.Value.Count > 0).Select(cell => $"{cell.Key}: {string.Join("; ", cell.Value)}").ToList();
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    private static IEnumerable<Fault> Faults(IEnumerable<Call> calls) => calls
        .SelectMany(call => Enum.GetValues<FaultKind>().Select(kind => new Fault(call, kind)))
        .Where(fault => fault.Kind is not FaultKind.Refused || Refusals.Of(fault.Call) is not null);

    /// <summary>All calls of an order that ships; of the other scenarios those that such an order does not make, or not while it is cancelled.</summary>
    private async Task<IEnumerable<Call>> OwnCallsAsync(Scenario scenario, IReadOnlyCollection<Call> calls)
    {
        if (scenario == Scenario.All[0]) return calls;
        var ships = new Cell(house, Scenario.All[0], null);
        Assert.Empty(await ships.RunAsync());
        return calls.Where(call => !ships.Calls.Contains(call) || call.Activity == scenario.CancelsDuring);
    }
}
