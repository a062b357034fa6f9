using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Quayside.Contracts.Outside;
using Quayside.ServiceDefaults.Hosting;

namespace Quayside.Outside.Ledgers;

/// <summary>Durable lines per (ledger, key). One writer decides, so two requests for one key never race; requests that arrive
/// together share a commit. WAL with synchronous=NORMAL: an answered request survives kill -9 of the process.</summary>
internal sealed class Ledger : BackgroundService
{
    private readonly string connectionString;
    private readonly Channel<IWork> works = Channel.CreateUnbounded<IWork>(new() { SingleReader = true });

    public Ledger(DataDirectory data)
    {
        connectionString = new SqliteConnectionStringBuilder { DataSource = data.File("ledgers.db"), Pooling = false }.ToString();
        using var connection = Open();
        Execute(connection, """
            PRAGMA journal_mode=WAL;
            CREATE TABLE IF NOT EXISTS lines (
                position INTEGER PRIMARY KEY, ledger TEXT NOT NULL, key TEXT NOT NULL, no INTEGER NOT NULL,
                kind TEXT NOT NULL, at INTEGER NOT NULL, amount INTEGER NOT NULL, currency TEXT, detail TEXT,
                UNIQUE (ledger, key, no));
            """);
        if (HasTable(connection, "entries")) Execute(connection, TakeOver);
    }

    /// <summary>Before lines had a position they were in a table without one.</summary>
    private const string TakeOver = """
        BEGIN IMMEDIATE;
        INSERT INTO lines (ledger, key, no, kind, at, amount, currency, detail)
            SELECT ledger, key, no, kind, at, amount, currency, detail FROM entries ORDER BY at, ledger, key, no;
        DROP TABLE entries;
        COMMIT;
        """;

    /// <summary>Decides on the lines of one key and adds the decision's line before answering.</summary>
    public Task<TAnswer> ChangeAsync<TAnswer>(string ledger, string key, Func<IReadOnlyList<Entry>, Decision<TAnswer>> decide)
    {
        var work = new Work<TAnswer>(ledger, key, decide);
        if (!works.Writer.TryWrite(work)) throw new InvalidOperationException("The ledger is closed.");
        return work.Answer;
    }

    public IReadOnlyList<Entry> Read(string ledger, string key)
    {
        using var connection = Open();
        return new EntryTable(connection).Read(ledger, key);
    }

    public IReadOnlyList<KeyedEntry> ReadAll(string ledger)
    {
        using var connection = Open();
        return new EntryTable(connection).ReadAll(ledger);
    }

    public LedgerLines ReadAfter(string ledger, ReadLines read)
    {
        using var connection = Open();
        var limit = Math.Clamp(read.Limit, 1, 10_000);
        var lines = new EntryTable(connection).ReadAfter(ledger, read.After, limit + 1);
        return new([.. lines.Take(limit).Select(Line)], lines.Count > limit);
    }

    public LedgerLines Find(string ledger, FindLines find)
    {
        using var connection = Open();
        var table = new EntryTable(connection);
        return new([.. find.Keys.SelectMany(key => table.ReadKey(ledger, key)).Select(Line)], More: false);
    }

    private static LedgerLine Line(KeyedEntry line) => new(line.Position, line.Key, line.Entry.Kind, line.Entry.At, line.Entry.Amount);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        works.Writer.TryComplete();
        await base.StopAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(WriteAsync, CancellationToken.None);

    private async Task WriteAsync()
    {
        using var connection = Open();
        var table = new EntryTable(connection);
        var batch = new List<IWork>();
        while (await works.Reader.WaitToReadAsync())
        {
            while (batch.Count < 256 && works.Reader.TryRead(out var work)) batch.Add(work);
            Commit(connection, table, batch);
            batch.Clear();
        }
    }

    private static void Commit(SqliteConnection connection, EntryTable table, List<IWork> batch)
    {
        try
        {
            // Plain statements: a transaction object would have to be set on every prepared command.
            Execute(connection, "BEGIN IMMEDIATE");
            foreach (var work in batch) work.Run(table);
            Execute(connection, "COMMIT");
            foreach (var work in batch) work.Complete();
        }
        catch (Exception failure)
        {
            if (SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle!) == 0) Execute(connection, "ROLLBACK");
            foreach (var work in batch) work.Fail(failure);
        }
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        Execute(connection, "PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=5000;");
        return connection;
    }

    private static bool HasTable(SqliteConnection connection, string name)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $name";
        command.Parameters.AddWithValue("$name", name);
        return (long)command.ExecuteScalar()! > 0;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this file
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private interface IWork
    {
        void Run(EntryTable table);
        void Complete();
        void Fail(Exception failure);
    }

    private sealed class Work<TAnswer>(string ledger, string key, Func<IReadOnlyList<Entry>, Decision<TAnswer>> decide) : IWork
    {
        private readonly TaskCompletionSource<TAnswer> answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TAnswer? answer;

        public Task<TAnswer> Answer => answered.Task;

        public void Run(EntryTable table)
        {
            var entries = table.Read(ledger, key);
            var decision = decide(entries);
            if (decision.Append is { } entry) table.Append(ledger, key, entries.Count + 1, entry);
            answer = decision.Answer;
        }

        public void Complete() => answered.TrySetResult(answer!);

        public void Fail(Exception failure) => answered.TrySetException(failure);
    }
}
