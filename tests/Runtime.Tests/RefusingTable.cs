using LocalDapr.Runtime.Storage;

namespace LocalDapr.Runtime.Tests;

/// <summary>A disk that takes no new row into one table, or none that a condition on NEW fits, until disposed.</summary>
internal sealed class RefusingTable : IAsyncDisposable
{
    private readonly Database database;

    public RefusingTable(string file, string table, string condition = "true") => database = Database.Open(
        file, Durability.Normal, $"CREATE TRIGGER refuse BEFORE INSERT ON {table} WHEN {condition} BEGIN SELECT RAISE(ABORT, 'the disk is full'); END");

    public async ValueTask DisposeAsync()
    {
        await database.WriteAsync(connection => connection.Execute("DROP TRIGGER refuse"));
        await database.DisposeAsync();
    }
}
