using System.Collections.Frozen;

namespace LocalDapr.Runtime.Hosting;

/// <summary>The group and version by which <c>spec.api.allowed</c> and <c>denied</c> know the methods of the gRPC API (contract section 8).</summary>
internal static class GrpcApiGroups
{
    private static readonly FrozenDictionary<string, string> Groups = new Dictionary<string, string>
    {
        ["InvokeService"] = "invoke",
        ["GetState"] = "state",
        ["GetBulkState"] = "state",
        ["SaveState"] = "state",
        ["QueryState"] = "state",
        ["DeleteState"] = "state",
        ["DeleteBulkState"] = "state",
        ["ExecuteStateTransaction"] = "state",
        ["PublishEvent"] = "publish",
        ["BulkPublishEvent"] = "publish",
        ["SubscribeTopicEvents"] = "subscribe",
        ["InvokeBinding"] = "bindings",
        ["GetSecret"] = "secrets",
        ["GetBulkSecret"] = "secrets",
        ["GetConfiguration"] = "configuration",
        ["SubscribeConfiguration"] = "configuration",
        ["UnsubscribeConfiguration"] = "configuration",
        ["TryLock"] = "lock",
        ["Unlock"] = "unlock",
        ["GetMetadata"] = "metadata",
        ["SetMetadata"] = "metadata",
        ["Shutdown"] = "shutdown",
        ["StartWorkflow"] = "workflows",
        ["GetWorkflow"] = "workflows",
        ["PurgeWorkflow"] = "workflows",
        ["TerminateWorkflow"] = "workflows",
        ["PauseWorkflow"] = "workflows",
        ["ResumeWorkflow"] = "workflows",
        ["RaiseEventWorkflow"] = "workflows",
        ["ScheduleJob"] = "jobs",
        ["GetJob"] = "jobs",
        ["DeleteJob"] = "jobs",
        ["DeleteJobsByPrefix"] = "jobs",
        ["ListJobs"] = "jobs",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Null for a method that the lists do not know.</summary>
    public static (string Group, string Version)? Of(string method)
    {
        foreach (var (suffix, version) in (ReadOnlySpan<(string, string)>)[("Alpha1", "v1alpha1"), ("Beta1", "v1beta1")])
        {
            if (method.EndsWith(suffix, StringComparison.Ordinal))
                return Groups.TryGetValue(method[..^suffix.Length], out var early) ? (early, version) : null;
        }
        return Groups.TryGetValue(method, out var group) ? (group, "v1") : null;
    }
}
