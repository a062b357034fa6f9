using Npgsql;
using Quayside.EventSourcing.Sql;

namespace Quayside.EventSourcing.Postgres;

/// <summary>One schema of a PostgreSQL database, created at the first use. Each write is a transaction of its own on a pooled connection.</summary>
internal sealed class PostgresDatabase : SqlDatabase
{
    /// <summary>Two processes that create tables at once would fail; they take turns.</summary>
    private const long CreationLock = 0x5175617973696465;

    /// <summary>One announcement stands for all commits of this time.</summary>
    private static readonly TimeSpan BetweenAnnouncements = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly NpgsqlDataSource _source;
    private readonly string _name;
    private readonly string _schema;
    private readonly string _channel;
    private readonly string _self = Guid.NewGuid().ToString();
    private readonly SemaphoreSlim _creating = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private volatile bool _isCreated;
    private int _announcements;
    private Task _announcing = Task.CompletedTask;

    public PostgresDatabase(string connectionString, string name, string schema)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            SearchPath = name, Enlist = false, NoResetOnClose = true, MaxAutoPrepare = 64, AutoPrepareMinUsages = 2,
        };
        if (!settings.ContainsKey("Maximum Pool Size"))
            settings.MaxPoolSize = 20;
        if (!settings.ContainsKey("Application Name"))
            settings.ApplicationName = "quayside";
        _source = NpgsqlDataSource.Create(settings);
        (_name, _schema, _channel) = (name, schema, $"{name}_committed");
    }

    public override async Task<T> WriteAsync<T>(Func<SqlSession, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var result = await work(new PostgresSession(connection, cancellationToken)).ConfigureAwait(false);
        // A commit under way is not given up: whoever is told of a cancellation may rely on nothing having happened.
        await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
        return result;
    }

    public override async Task<T> WriteOneAsync<T>(Func<SqlSession, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        return await work(new PostgresSession(connection, CancellationToken.None)).ConfigureAwait(false);
    }

    public override async ValueTask<T> ReadAsync<T>(Func<SqlSession, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        return await work(new PostgresSession(connection, cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>Outside of the committed transaction, because transactions that notify commit one after the other.</summary>
    public override void Announce()
    {
        if (Interlocked.Increment(ref _announcements) == 1)
            _announcing = AnnounceAsync();
    }

    public override async Task WatchAsync(Action changed, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await ListenAsync(changed, cancellationToken).ConfigureAwait(false);
            }
            catch (NpgsqlException) when (!cancellationToken.IsCancellationRequested)
            {
                // what was said meanwhile is lost
                changed();
                await Task.Delay(AfterFailure, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task ListenAsync(Action changed, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        connection.Notification += (_, said) =>
        {
            if (said.Payload != _self)
                changed();
        };
        await new PostgresSession(connection, cancellationToken).ScriptAsync($"LISTEN {_channel}").ConfigureAwait(false);
        changed();
        while (true)
            await connection.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task AnnounceAsync()
    {
        for (var said = 1; ; said = Volatile.Read(ref _announcements))
        {
            try
            {
                await ReadAsync(session => session.ExecuteAsync("SELECT pg_notify($1, $2)", _channel, _self), _stop.Token).ConfigureAwait(false);
                await Task.Delay(BetweenAnnouncements, _stop.Token).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // a lost announcement costs the others a moment: they look from time to time
            catch (Exception)
#pragma warning restore CA1031
            {
            }
            if (Interlocked.Add(ref _announcements, -said) == 0)
                return;
        }
    }

    private async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        if (!_isCreated)
            await CreateAsync(cancellationToken).ConfigureAwait(false);
        return await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task CreateAsync(CancellationToken cancellationToken)
    {
        await _creating.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_isCreated)
                return;
            await using var connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            var session = new PostgresSession(connection, cancellationToken);
            await session.ScriptAsync($"SELECT pg_advisory_xact_lock({CreationLock}); CREATE SCHEMA IF NOT EXISTS {_name};").ConfigureAwait(false);
            await session.ScriptAsync(_schema).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            _isCreated = true;
        }
        finally
        {
            _creating.Release();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _announcing.ConfigureAwait(false);
        await _source.DisposeAsync().ConfigureAwait(false);
        _creating.Dispose();
        _stop.Dispose();
    }
}
