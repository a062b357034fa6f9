using LocalDapr.Runtime.Storage;

namespace LocalDapr.Runtime.Tests.Storage;

public sealed class DatabaseTests : IDisposable
{
    private const string Schema = "CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY)";

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_write_that_throws_leaves_nothing_and_the_others_of_its_group_stay()
    {
        await using var database = Database.Open(folder.File("t.db"), Durability.Normal, Schema);
        var writes = Enumerable.Range(0, 100).Select(n => database.WriteAsync(connection =>
        {
            connection.Execute("INSERT INTO t VALUES ($1)", n);
            if (n % 10 == 0)
                throw new InvalidOperationException("refused");
        })).ToArray();

        await Assert.ThrowsAsync<InvalidOperationException>(() => Task.WhenAll(writes));

        Assert.Equal(90, database.Read(connection => connection.Scalar<long>("SELECT count(*) FROM t WHERE n % 10 <> 0")));
        Assert.Equal(0, database.Read(connection => connection.Scalar<long>("SELECT count(*) FROM t WHERE n % 10 = 0")));
    }

    [Fact]
    public async Task A_statement_in_use_can_be_asked_again_inside_its_own_rows()
    {
        await using var database = Database.Open(folder.File("t.db"), Durability.Normal, Schema);
        await database.WriteAsync(connection => connection.Execute("INSERT INTO t VALUES (1), (2), (3)"));

        var pairs = database.Read(connection => connection.Query("SELECT n FROM t", row => connection.Query("SELECT n FROM t", inner => inner.GetInt64(0)).Count + row.GetInt64(0)));

        Assert.Equal([4, 5, 6], pairs);
    }

    [Fact]
    public async Task Closing_waits_for_the_writes_that_were_taken()
    {
        var database = Database.Open(folder.File("t.db"), Durability.Normal, Schema);
        var writes = Enumerable.Range(0, 1000).Select(n => database.WriteAsync(connection => connection.Execute("INSERT INTO t VALUES ($1)", n))).ToArray();
        await database.DisposeAsync();
        await Task.WhenAll(writes);

        await using var again = Database.Open(folder.File("t.db"), Durability.Normal, Schema);
        Assert.Equal(1000, again.Read(connection => connection.Scalar<long>("SELECT count(*) FROM t")));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => database.WriteAsync(_ => { }));
    }
}
