using Quayside.EventSourcing.Sql;
using Quayside.Servers;

namespace Quayside.Patterns.Tests;

/// <summary>Empty databases of one kind, for one test.</summary>
public abstract class Databases : IAsyncDisposable
{
    /// <summary>The same address for the same name.</summary>
    internal abstract Task<DatabaseAddress> AtAsync(string name);

    public abstract ValueTask DisposeAsync();
}

public sealed class SqliteFiles : Databases
{
    private readonly TempFolder _folder = new();

    internal override Task<DatabaseAddress> AtAsync(string name) => Task.FromResult<DatabaseAddress>(new DatabaseAddress.Sqlite(_folder.File($"{name}.db")));

    public override ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}

public sealed class PostgresSchemas(PostgresServer server) : Databases
{
    private static int count;
    private readonly int _number = Interlocked.Increment(ref count);

    internal override async Task<DatabaseAddress> AtAsync(string name) => new DatabaseAddress.Postgres(await server.ConnectAsync(), $"test_{_number}_{name}");

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
