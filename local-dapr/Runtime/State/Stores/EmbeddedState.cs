using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Storage;

namespace LocalDapr.Runtime.State.Stores;

/// <summary>The built-in engine's state of the whole process: state.db in the data folder, one table a component name.</summary>
internal sealed class EmbeddedState(LocalRuntime runtime) : IAsyncDisposable
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly Database database = runtime.OpenDatabase("state", "");

    /// <summary>Two sidecars that load a component of one name see the same table, as they would the same server.</summary>
    public async Task<IStateStore> OpenAsync(string component)
    {
        var table = new EmbeddedTable(component);
        await database.WriteAsync(connection => connection.Execute(table.Schema));
        return new SqlStateStore(database, table, runtime.Time, SweepInterval, static () => ValueTask.CompletedTask);
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();
}
