using Dapr.Workflow;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Quayside.Bench.WorkflowLoad;

/// <summary>What the worker process serves.</summary>
internal static class Workflows
{
    public const string Chain = nameof(Chain);
    public const string Sleep = nameof(Sleep);
    public const string Wait = nameof(Wait);

    private const int Activities = 5;

    public static async Task ServeAsync(CancellationToken cancellation)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddDaprWorkflow(Register);
        using var host = builder.Build();
        await host.RunAsync(cancellation);
    }

    private static void Register(WorkflowRuntimeOptions options)
    {
        options.RegisterActivity<int, int>("Next", (_, n) => Task.FromResult(n + 1));
        options.RegisterWorkflow<int, int>(Chain, async (context, n) =>
        {
            for (var i = 0; i < Activities; i++)
                n = await context.CallActivityAsync<int>("Next", n);
            return n;
        });
        options.RegisterWorkflow<int, int>(Sleep, async (context, n) =>
        {
            await context.CreateTimer(TimeSpan.FromDays(1));
            return n;
        });
        options.RegisterWorkflow<int, int>(Wait, (context, _) => context.WaitForExternalEventAsync<int>("go"));
    }
}
