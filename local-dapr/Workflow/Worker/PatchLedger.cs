namespace Dapr.Workflow.Worker;

/// <summary>
/// Which patches a run has taken. A patch found in history stays taken; one met first while replaying was not there then; one met first
/// in new territory is taken and told to the engine, which wants the same list in every later turn.
/// </summary>
internal sealed class PatchLedger(IEnumerable<string> history)
{
    private readonly HashSet<string> past = [.. history];
    private readonly Dictionary<string, bool> decided = [];

    public List<string> Taken { get; } = [];

    public bool IsPatched(string name, bool replaying)
    {
        if (decided.TryGetValue(name, out var known))
            return known;
        var taken = past.Contains(name) || !replaying;
        decided.Add(name, taken);
        if (taken)
            Taken.Add(name);
        return taken;
    }
}
