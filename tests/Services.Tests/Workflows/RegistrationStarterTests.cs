using Dapr.Workflow;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Protocol.TaskHub;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Quayside.Contracts.Registrations;
using Quayside.Workflows.UserRegistration;

namespace Quayside.Services.Tests.Workflows;

/// <summary>The workflow client against an engine that answers as it is told.</summary>
public sealed class RegistrationStarterTests : IAsyncLifetime
{
    private const string Id = "6f0e6b7e-3b0a-4f3e-9a52-0d6ab7b5c001";

    private readonly List<CreateInstanceRequest> starts = [];
    private LocalDapr.Protocol.TaskHub.WorkflowState? instance;
    private Func<CreateInstanceResponse> start = () => new() { InstanceId = Id };
    private WebApplication engine = null!;
    private ServiceProvider services = null!;
    private RegistrationStarter starter = null!;

    public async ValueTask InitializeAsync()
    {
        var calls = new GrpcServices()
            .Unary(TaskHubMethods.GetInstance, (_, _) => Task.FromResult(new GetInstanceResponse { Exists = instance is not null, WorkflowState = instance }))
            .Unary(TaskHubMethods.StartInstance, (request, _) =>
            {
                starts.Add(request);
                return Task.FromResult(start());
            });
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2));
        engine = builder.Build();
        engine.Run(calls.HandleAsync);
        await engine.StartAsync();
        services = new ServiceCollection().AddLogging()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([new("DAPR_GRPC_ENDPOINT", engine.Urls.Single())]).Build())
            .AddDaprWorkflow(_ => { }).BuildServiceProvider();
        starter = new(services.GetRequiredService<DaprWorkflowClient>());
    }

    [Fact]
    public async Task A_registration_starts_once_also_after_it_has_ended()
    {
        Assert.True(await starter.EnsureStartedAsync(Id, CancellationToken.None));
        var started = Assert.Single(starts);
        Assert.Equal(("UserRegistration", Id), (started.Name, started.InstanceId));
        Assert.Equal($$"""{"registrationId":"{{Id}}","user":null}""", started.Input);
        foreach (var status in new[] { OrchestrationStatus.Running, OrchestrationStatus.Completed })
        {
            instance = Instance(status);
            Assert.False(await starter.EnsureStartedAsync(Id, CancellationToken.None));
        }
        Assert.Single(starts);
    }

    [Fact]
    public async Task A_failed_start_is_done_only_when_the_instance_exists()
    {
        start = () => throw new RpcException(StatusCode.Unavailable, "no engine");
        await Assert.ThrowsAsync<RpcException>(() => starter.EnsureStartedAsync(Id, CancellationToken.None));
        start = () =>
        {
            instance = Instance(OrchestrationStatus.Running);
            throw new RpcException(StatusCode.AlreadyExists, "somebody was faster");
        };
        Assert.False(await starter.EnsureStartedAsync(Id, CancellationToken.None));
    }

    [Theory]
    [InlineData(OrchestrationStatus.Failed)]
    [InlineData(OrchestrationStatus.Terminated)]
    public async Task One_that_failed_is_running_for_who_asks_and_a_repeat_starts_it_again(OrchestrationStatus status)
    {
        instance = Instance(status);
        Assert.Equal(RegistrationStatus.Running, (await starter.FindAsync(Id, CancellationToken.None)).Status);
        Assert.True(await starter.EnsureStartedAsync(Id, CancellationToken.None));
    }

    [Fact]
    public async Task The_status_is_that_of_the_result_with_its_errors()
    {
        instance = Instance(OrchestrationStatus.Completed, """{"status":"rejected","errors":{"name":["is too long"]}}""");
        var rejected = await starter.FindAsync(Id, CancellationToken.None);
        Assert.Equal((RegistrationStatus.Rejected, "is too long"), (rejected.Status, rejected.Errors!["name"][0]));
        instance = Instance(OrchestrationStatus.Completed, """{"status":"completed","errors":null}""");
        Assert.Equal(new(RegistrationStatus.Completed), await starter.FindAsync(Id, CancellationToken.None));
        instance = null;
        Assert.Null((await starter.FindAsync(Id, CancellationToken.None)).Status);
    }

    [Fact]
    public async Task The_saga_of_an_order_is_no_registration()
    {
        instance = Instance(OrchestrationStatus.Running);
        instance.Name = "OrderSaga";
        Assert.Null((await starter.FindAsync(Id, CancellationToken.None)).Status);
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(1));
        await engine.StopAsync(now.Token);
        await engine.DisposeAsync();
    }

    private static LocalDapr.Protocol.TaskHub.WorkflowState Instance(OrchestrationStatus status, string output = "") =>
        new() { InstanceId = Id, Name = "UserRegistration", WorkflowStatus = status, Output = output };
}
