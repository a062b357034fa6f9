using Quayside.Workflows.OrderSaga;

namespace Quayside.Services.Tests.Sagas;

/// <summary>Makes the files of a release: <c>dotnet test tests/Services.Tests -- xUnit.Explicit=only</c>; they lie then in artifacts/histories.</summary>
public sealed class HistoryRecorder(SagaHouse house, ITestOutputHelper output) : IClassFixture<SagaHouse>
{
    [Fact(Explicit = true)]
    public async Task Record()
    {
        var folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "histories")).FullName;
        foreach (var scenario in Scenario.All)
            await RecordAsync(scenario, null, scenario.Name);
        await RecordAsync(Scenario.All[0], new(new(nameof(CommitStockActivity), "inventory-service", "internal/inventory/commit"), FaultKind.CalleeDown), "ships after a pause");
        output.WriteLine(folder);

        async Task RecordAsync(Scenario scenario, Fault? fault, string name)
        {
            var cell = new Cell(house, scenario, fault);
            Assert.Empty(await cell.RunAsync());
            ReleasedHistories.Write(folder, $"{nameof(OrderSaga)}-{name.Replace(' ', '-')}", cell.History);
        }
    }
}
