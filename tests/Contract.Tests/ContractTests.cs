namespace LocalDapr.Contract.Tests;

// One class for each part of the contract, so that they run side by side.

public sealed class BindingsContract
{
    [Theory, MemberData(nameof(Cases.Of), "bindings", MemberType = typeof(Cases))]
    public Task Is_kept(string conversation) => Cases.ReplayAsync(conversation);
}

public sealed class ComponentsContract
{
    [Theory, MemberData(nameof(Cases.Of), "components", MemberType = typeof(Cases))]
    public Task Is_kept(string conversation) => Cases.ReplayAsync(conversation);
}

public sealed class InvocationContract
{
    [Theory, MemberData(nameof(Cases.Of), "invoke", MemberType = typeof(Cases))]
    public Task Is_kept(string conversation) => Cases.ReplayAsync(conversation);
}

public sealed class JobsContract
{
    [Theory, MemberData(nameof(Cases.Of), "jobs", MemberType = typeof(Cases))]
    public Task Is_kept(string conversation) => Cases.ReplayAsync(conversation);
}

public sealed class MetadataContract
{
    [Theory, MemberData(nameof(Cases.Of), "metadata", MemberType = typeof(Cases))]
    public Task Is_kept(string conversation) => Cases.ReplayAsync(conversation);
}

public sealed class PublishContract
{
    [Theory, MemberData(nameof(Cases.Of), "pubsub", MemberType = typeof(Cases))]
    public Task Is_kept(string conversation) => Cases.ReplayAsync(conversation);
}

public sealed class ResiliencyContract
{
    [Theory, MemberData(nameof(Cases.Of), "resiliency", MemberType = typeof(Cases))]
    public Task Is_kept(string conversation) => Cases.ReplayAsync(conversation);
}

public sealed class SecretsContract
{
    [Theory, MemberData(nameof(Cases.Of), "secrets", MemberType = typeof(Cases))]
    public Task Is_kept(string conversation) => Cases.ReplayAsync(conversation);
}

public sealed class StartContract
{
    [Theory, MemberData(nameof(Cases.Of), "startup", MemberType = typeof(Cases))]
    public Task Is_kept(string conversation) => Cases.ReplayAsync(conversation);
}

public sealed class StateContract
{
    [Theory, MemberData(nameof(Cases.Of), "state", MemberType = typeof(Cases))]
    public Task Is_kept(string conversation) => Cases.ReplayAsync(conversation);
}

public sealed class SubscriptionContract
{
    [Theory, MemberData(nameof(Cases.Of), "subscribe", MemberType = typeof(Cases))]
    public Task Is_kept(string conversation) => Cases.ReplayAsync(conversation);
}

public sealed class TracingContract
{
    [Theory, MemberData(nameof(Cases.Of), "tracing", MemberType = typeof(Cases))]
    public Task Is_kept(string conversation) => Cases.ReplayAsync(conversation);
}

public sealed class WorkflowContract
{
    [Theory, MemberData(nameof(Cases.Of), "workflow", MemberType = typeof(Cases))]
    public Task Is_kept(string conversation) => Cases.ReplayAsync(conversation);
}
