namespace Quayside.ServiceDefaults.Clients;

/// <summary>So many places for each, and so many in all. Nothing is kept of who has none.</summary>
public sealed class Places(int each, int inAll = int.MaxValue)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> taken = new(StringComparer.Ordinal);
    private int all;

    /// <returns>To be disposed of once; null if there is no place.</returns>
    public IDisposable? TryTake(string who)
    {
        lock (gate)
        {
            var others = taken.GetValueOrDefault(who);
            if (all >= inAll || others >= each) return null;
            all++;
            taken[who] = others + 1;
            return new Place(this, who);
        }
    }

    private void Free(string who)
    {
        lock (gate)
        {
            all--;
            if (--taken[who] == 0) taken.Remove(who);
        }
    }

    private sealed class Place(Places places, string who) : IDisposable
    {
        public void Dispose() => places.Free(who);
    }
}
