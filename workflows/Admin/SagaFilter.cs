namespace Quayside.Workflows.Admin;

/// <summary>The values of ?state=.</summary>
/// <param name="State">As in <see cref="SagaView.State"/>; null for every state.</param>
internal sealed record SagaFilter(string Name, string? State, bool NeedsAttention = false)
{
    private static readonly SagaFilter[] All =
    [
        new("running", "running"), new("needsAttention", null, NeedsAttention: true), new("pending", "pending"), new("suspended", "suspended"),
        new("completed", "completed"), new("failed", "failed"), new("terminated", "terminated"),
    ];

    public static string Names => string.Join(", ", All.Select(filter => filter.Name));

    /// <summary>Only sagas of orders that are not final can fit.</summary>
    public bool IsOpen => NeedsAttention || State == "running";

    public bool Fits(SagaView view) => (State is null || view.State == State) && (!NeedsAttention || view.NeedsAttention);

    public static SagaFilter? Find(string name) => Array.Find(All, filter => filter.Name == name);
}
