using Dapr.Workflow;
using LocalDapr.Protocol.Grpc;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LocalDapr.Runtime.Tests.Workflows;

/// <summary>Our worker and our engine: an instance meets code that does not fit its history.</summary>
public sealed class ChangedCode : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly List<string> done = [];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task An_instance_stalls_unharmed_under_foreign_code_and_goes_on_when_its_own_is_back()
    {
        await using var sidecar = await WorkflowHost.StartAsync(folder);
        using (var first = await WorkerAsync(sidecar, "Pay"))
        {
            await Client(first).ScheduleNewWorkflowAsync("Order", "o-1");
            await Eventually.TrueAsync(async () => (await sidecar.HistoryAsync("o-1")).Any(e => e.TaskCompleted is not null));
            await first.StopAsync(TestContext.Current.CancellationToken);
        }

        using (var foreign = await WorkerAsync(sidecar, "PayTwice"))
        {
            await Client(foreign).RaiseEventAsync("o-1", "shipped");
            await Eventually.TrueAsync(async () => (await Client(foreign).GetWorkflowStateAsync("o-1")).RuntimeStatus == WorkflowRuntimeStatus.Stalled);
            await Assert.ThrowsAsync<RpcException>(() => Client(foreign).RaiseEventAsync("o-1", "shipped"));

            await Client(foreign).ScheduleNewWorkflowAsync("Order", "o-2");
            await Client(foreign).RaiseEventAsync("o-2", "shipped");
            Assert.Equal("shipped", (await Client(foreign).WaitForWorkflowCompletionAsync("o-2", cancellation: TestContext.Current.CancellationToken)).ReadOutputAs<string>());
            await foreign.StopAsync(TestContext.Current.CancellationToken);
        }

        using var own = await WorkerAsync(sidecar, "Pay");
        await Eventually.TrueAsync(async () => (await Client(own).GetWorkflowStateAsync("o-1")).RuntimeStatus == WorkflowRuntimeStatus.Completed);
        Assert.Equal("shipped", (await Client(own).GetWorkflowStateAsync("o-1")).ReadOutputAs<string>());
        Assert.Equal(["Pay o-1", "PayTwice o-2"], done);
        await own.StopAsync(TestContext.Current.CancellationToken);
    }

    private static DaprWorkflowClient Client(IHost host) => host.Services.GetRequiredService<DaprWorkflowClient>();

    private async Task<IHost> WorkerAsync(TestSidecar sidecar, string payment)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection([new("DAPR_GRPC_ENDPOINT", $"http://127.0.0.1:{sidecar.Sidecar.GrpcPort}"), new("Dapr:Workflow:NonDeterminism", "stall")]);
        builder.Services.AddDaprWorkflow(options =>
        {
            options.RegisterWorkflow<object?, string>("Order", async (context, _) =>
            {
                await context.CallActivityAsync(payment);
                await context.WaitForExternalEventAsync<object?>("shipped");
                return "shipped";
            });
            options.RegisterActivity<object?, object?>(payment, (context, _) =>
            {
                done.Add($"{context.Identifier.Name} {context.InstanceId}");
                return Task.FromResult<object?>(null);
            });
        });
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }
}
