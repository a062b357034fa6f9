namespace Dapr.Workflow.Worker;

/// <summary>The first place where code, run again, did not do what the history says that it did: its id, kind and name on both sides, or "nothing".</summary>
internal sealed record Divergence(string Recorded, string Done);
