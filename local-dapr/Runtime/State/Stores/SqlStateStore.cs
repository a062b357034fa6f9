using LocalDapr.Runtime.Storage;

namespace LocalDapr.Runtime.State.Stores;

/// <summary>State in one table of a SQLite file (state.sqlite, and every store of the built-in engine): etags decide inside the statement itself.</summary>
internal sealed class SqlStateStore : IStateStore
{
    private readonly Database database;
    private readonly StateTable table;
    private readonly TimeProvider time;
    private readonly Func<ValueTask> close;
    private readonly ITimer? sweep;

    /// <param name="database">Holds the table; its schema has run.</param>
    /// <param name="table">The statements.</param>
    /// <param name="time">Decides what has expired.</param>
    /// <param name="sweepInterval">How often expired rows are deleted; they are invisible before that. Null = never.</param>
    /// <param name="close">What is left to do at the end.</param>
    public SqlStateStore(Database database, StateTable table, TimeProvider time, TimeSpan? sweepInterval, Func<ValueTask> close)
    {
        (this.database, this.table, this.time, this.close) = (database, table, time, close);
        if (sweepInterval is { } interval)
            sweep = time.CreateTimer(_ => Sweep(), null, interval, interval);
    }

    public StateValue? Get(string key) => database.Read((Store: this, Key: key), static (connection, asked) =>
    {
        var table = asked.Store.table;
        var statement = connection.Prepare(table.Get).Bind(1, asked.Key);
        table.BindTime(statement, 6, asked.Store.time.GetUtcNow());
        try
        {
            return statement.Step() ? new StateValue(table.ReadValue(statement), statement.Text(2), statement.IsNull(3) ? null : table.ReadTime(statement, 3)) : null;
        }
        finally
        {
            statement.Reset();
        }
    });

    public IReadOnlyList<(string Key, byte[] Data)> List(string prefix, int limit) => database.Read((Store: this, Prefix: prefix, Limit: limit), static (connection, asked) =>
    {
        var found = new List<(string, byte[])>();
        var end = asked.Prefix[..^1] + (char)(asked.Prefix[^1] + 1);
        var statement = connection.Prepare(asked.Store.table.List).Bind(1, asked.Prefix).Bind(2, end).Bind(3, asked.Limit);
        try
        {
            while (statement.Step())
                found.Add((statement.Text(2), asked.Store.table.ReadValue(statement)));
            return found;
        }
        finally
        {
            statement.Reset();
        }
    });

    public Task WriteAsync(StateWrite write) => database.WriteOneAsync(connection => Apply((DatabaseConnection)connection, write));

    public Task WriteAllAsync(IReadOnlyList<StateWrite> writes) => database.WriteAsync(connection =>
    {
        foreach (var write in writes)
            Apply((DatabaseConnection)connection, write);
    });

    public async ValueTask DisposeAsync()
    {
        if (sweep is not null)
            await sweep.DisposeAsync();
        await close();
    }

    private bool Apply(DatabaseConnection connection, StateWrite write)
    {
        var now = time.GetUtcNow();
        var sql = write switch
        {
            { Value: null, HasETag: true } => table.DeleteVersion,
            { Value: null } => table.Delete,
            { HasETag: true } => table.Update,
            { FirstWrite: true } => table.InsertNew,
            _ => table.Upsert,
        };
        var statement = connection.Prepare(sql).Bind(1, write.Key);
        if (write.Value is { } value)
        {
            Span<char> etag = stackalloc char[36];
            Guid.NewGuid().TryFormat(etag, out _);
            table.BindValue(statement, value.Span, write.IsJson);
            statement.Bind(4, etag);
            if (write.TtlSeconds is { } ttl)
                table.BindTime(statement, 5, now.AddSeconds(ttl));
            else
                statement.BindNull(5);
        }
        var mustChange = write.HasETag || write is { FirstWrite: true, Value: not null };
        if (mustChange)
            table.BindTime(statement, 6, now);
        if (write.HasETag)
            statement.Bind(7, write.ETag);
        if (statement.Run() == 0 && mustChange)
            throw new ETagMismatchException(write.Key);
        return true;
    }

    private void Sweep() => _ = database.WriteOneAsync(connection =>
    {
        var statement = ((DatabaseConnection)connection).Prepare(table.Sweep);
        table.BindTime(statement, 6, time.GetUtcNow());
        return statement.Run();
    });
}
