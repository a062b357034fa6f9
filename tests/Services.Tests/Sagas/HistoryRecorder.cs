using System.Text.Json;
using LocalDapr.Protocol.TaskHub;
using Quayside.Contracts.Identity;
using Quayside.Contracts.Notifications;
using Quayside.Contracts.Users;
using Quayside.Workflows.OrderSaga;
using Quayside.Workflows.UserRegistration;

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
        await RegisterAsync("Ada", taken: false, failures: 0, "by-id-completes");
        await RegisterAsync("Ada", taken: true, failures: 0, "by-id-address-taken");
        await RegisterAsync("Ada", taken: false, failures: 3, "by-id-completes-after-a-pause");
        await RegisterAsync(" ", taken: false, failures: 1, "by-id-rejected");
        output.WriteLine(folder);

        async Task RecordAsync(Scenario scenario, Fault? fault, string name)
        {
            var cell = new Cell(house, scenario, fault);
            Assert.Empty(await cell.RunAsync());
            ReleasedHistories.Write(folder, $"{nameof(OrderSaga)}-{name.Replace(' ', '-')}", cell.History);
        }

        async Task RegisterAsync(string name, bool taken, int failures, string file)
        {
            const string Id = "6f0e6b7e-3b0a-4f3e-9a52-0d6ab7b5c001";
            house.Sidecar.Instead = (_, path) => path switch
            {
                "internal/users/registration" => JsonSerializer.Serialize(new ReadRegistrationResult(new("ada@example.test", name)), JsonSerializerOptions.Web),
                "internal/users/create" => JsonSerializer.Serialize(new CreateUserResult(new("user-1", "ada@example.test", "Ada"), taken), JsonSerializerOptions.Web),
                "internal/credentials/activate" => JsonSerializer.Serialize(new ActivateCredentialResult(ActivateOutcome.Activated), JsonSerializerOptions.Web),
                "internal/credentials/drop" => JsonSerializer.Serialize(new DropCredentialResult(true), JsonSerializerOptions.Web),
                _ => JsonSerializer.Serialize(new MailSent(Id), JsonSerializerOptions.Web),
            };
            house.Sidecar.BeforeCall = (_, _) => failures-- > 0 ? throw new HttpRequestException("down") : Task.CompletedTask;
            await using var run = await SagaRun.StartAsync(house, nameof(UserRegistration), Id, new RegistrationState(Id));
            await run.WorkAsync();
            Assert.Equal(OrchestrationStatus.Completed, run.State.WorkflowStatus);
            ReleasedHistories.Write(folder, $"{nameof(UserRegistration)}-{file}", run.History);
        }
    }
}
