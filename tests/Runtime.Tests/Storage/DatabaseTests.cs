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
    public async Task A_chain_ends_with_its_first_refused_write_also_when_it_is_the_commit_that_is_refused()
    {
        const string broken = "INSERT INTO child VALUES (99)";
        await using var database = Database.Open(folder.File("t.db"), Durability.Normal, Schema + "; CREATE TABLE child (n INTEGER REFERENCES t DEFERRABLE INITIALLY DEFERRED)");
        foreach (var sql in new[] { broken, "INSERT INTO missing VALUES (1)" })
        {
            var chain = new WriteChain();
            var first = database.WriteAsync(connection => connection.Execute("INSERT INTO t SELECT coalesce(max(n), 0) + 1 FROM t"), chain);
            await first;
            var refused = database.WriteAsync(connection => connection.Execute(sql), chain);
            var behind = database.WriteAsync(connection => connection.Execute("INSERT INTO t VALUES (50)"), chain);
            await Assert.ThrowsAsync<Microsoft.Data.Sqlite.SqliteException>(() => refused);
            await Assert.ThrowsAnyAsync<Exception>(() => behind);
            await Assert.ThrowsAsync<InvalidOperationException>(() => database.WriteAsync(_ => { }, chain));
        }
        await database.WriteAsync(_ => { }, new WriteChain());

        Assert.Equal([1, 2], database.Read(connection => connection.Query("SELECT n FROM t", row => row.GetInt64(0))));
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
