namespace LocalDapr.Runtime.Resiliency;

/// <summary>At most <paramref name="size"/> values by name; the one unused for longest goes first.</summary>
internal sealed class LeastRecentlyUsed<T>(int size)
{
    public const int DefaultSize = 100;

    private readonly Lock gate = new();
    private readonly Dictionary<string, LinkedListNode<(string Name, T Value)>> byName = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Name, T Value)> byUse = new();

    public T GetOrAdd(string name, Func<string, T> create)
    {
        lock (gate)
        {
            if (byName.TryGetValue(name, out var found))
            {
                if (found != byUse.First)
                {
                    byUse.Remove(found);
                    byUse.AddFirst(found);
                }
                return found.Value.Value;
            }
            if (byName.Count >= size)
            {
                byName.Remove(byUse.Last!.Value.Name);
                byUse.RemoveLast();
            }
            var added = byUse.AddFirst((name, create(name)));
            byName.Add(name, added);
            return added.Value.Value;
        }
    }
}
