namespace LocalDapr.Runtime.State.Stores;

/// <summary>One state store component. Keys come with their prefix. All stores here have etags, transactions and TTL.</summary>
internal interface IStateStore : IAsyncDisposable
{
    StateValue? Get(string key);

    /// <summary>The first items whose key begins with the prefix, in the order of their keys. Meant for few items.</summary>
    IReadOnlyList<(string Key, byte[] Data)> List(string prefix, int limit);

    /// <exception cref="ETagMismatchException">Nothing was written.</exception>
    Task WriteAsync(StateWrite write);

    /// <summary>All writes in their order, or none.</summary>
    /// <exception cref="ETagMismatchException">Nothing was written.</exception>
    Task WriteAllAsync(IReadOnlyList<StateWrite> writes);
}
