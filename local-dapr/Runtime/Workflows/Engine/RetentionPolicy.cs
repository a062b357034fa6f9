using LocalDapr.Protocol.TaskHub;
using LocalDapr.Runtime.Cli;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.Workflows.Engine;

/// <summary>How long finished instances are kept (Configuration <c>spec.workflow.stateRetentionPolicy</c>); null is for ever, Dapr's default.</summary>
internal sealed record RetentionPolicy(TimeSpan? AnyTerminal, TimeSpan? Completed, TimeSpan? Failed, TimeSpan? Terminated)
{
    public static readonly RetentionPolicy KeepAll = new(null, null, null, null);

    public static RetentionPolicy Read(DaprConfiguration configuration)
    {
        return new(At("anyTerminal"), At("completed"), At("failed"), At("terminated"));

        TimeSpan? At(string name) => configuration.Spec.Text($"workflow.stateRetentionPolicy.{name}") is { } text ? Quantity.ParseDuration(text) : null;
    }

    public TimeSpan? For(OrchestrationStatus status) => status switch
    {
        OrchestrationStatus.Completed => Completed ?? AnyTerminal,
        OrchestrationStatus.Failed => Failed ?? AnyTerminal,
        OrchestrationStatus.Terminated => Terminated ?? AnyTerminal,
        _ => AnyTerminal,
    };
}
