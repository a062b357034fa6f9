using Google.Protobuf;
using LocalDapr.Protocol.TaskHub;
using LocalDapr.Runtime.Storage;
using Microsoft.Data.Sqlite;

namespace LocalDapr.Runtime.Workflows.Engine;

/// <summary>The engine's writes; used on the database's writer only.</summary>
internal sealed class WorkflowWriter(SqliteConnection connection)
{
    public void InsertInstance(Instance instance) => Run(
        "INSERT INTO instance(key, app, id, generation, status, parent_key, parent_app, parent_id, start_at) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        instance.Key, instance.App, instance.Id, instance.Generation, (int)instance.Status,
        instance.Parent?.Key, instance.Parent?.App, instance.Parent?.InstanceId, instance.StartAt?.UtcTicks);

    public void UpdateInstance(InstanceUpdate row) => Run(
        "UPDATE instance SET generation = $2, status = $3, name = $4, created = $5, started = $6, updated = $7, custom_status = $8, expires = $9, stalled = $10 WHERE key = $1",
        row.Key, row.Generation, (int)row.Status, row.Name, row.Created?.UtcTicks, row.Started?.UtcTicks, row.Updated?.UtcTicks, row.CustomStatus, row.Expires?.UtcTicks, row.Stalled);

    public void DeleteInstance(long key)
    {
        Run("DELETE FROM instance WHERE key = $1", key);
        DeleteHistory(key);
        Run("DELETE FROM task WHERE key = $1", key);
        DeletePending(key);
    }

    /// <summary>What a finished instance does not need any more.</summary>
    public void DeletePending(long key)
    {
        DeleteInbox(key, long.MaxValue);
        DeleteTimers(key);
    }

    public void AddHistory(long key, long chunk, byte[] events) => Run("INSERT INTO history(key, chunk, events) VALUES($1, $2, $3)", key, chunk, events);

    public void DeleteHistory(long key) => Run("DELETE FROM history WHERE key = $1", key);

    public void AddInbox(long key, long seq, byte[] e) => Run("INSERT INTO inbox(key, seq, event) VALUES($1, $2, $3)", key, seq, e);

    public void DeleteInbox(long key, long upTo) => Run("DELETE FROM inbox WHERE key = $1 AND seq <= $2", key, upTo);

    public void AddTimer(long key, long generation, int id, long due, byte[] e) =>
        Run("INSERT OR REPLACE INTO timer(key, id, generation, due, event) VALUES($1, $2, $3, $4, $5)", key, id, generation, due, e);

    public void DeleteTimer(long key, int id) => Run("DELETE FROM timer WHERE key = $1 AND id = $2", key, id);

    public void DeleteTimers(long key) => Run("DELETE FROM timer WHERE key = $1", key);

    public void AddTask(ActivityTask task) => Run(
        "INSERT OR REPLACE INTO task(key, generation, id, app, request, router) VALUES($1, $2, $3, $4, $5, $6)",
        task.Key, task.Generation, task.Id, task.Order.App, task.Order.Request.ToByteArray(), task.Order.Router.ToByteArray());

    public void DeleteTask(ActivityTask task) => Run("DELETE FROM task WHERE key = $1 AND generation = $2 AND id = $3", task.Key, task.Generation, task.Id);

    private void Run(string sql, params ReadOnlySpan<object?> values) => connection.Execute(sql, values);
}

/// <summary>The row of an instance after a turn.</summary>
internal sealed record InstanceUpdate(
    long Key,
    long Generation,
    OrchestrationStatus Status,
    string? Name,
    DateTimeOffset? Created,
    DateTimeOffset? Started,
    DateTimeOffset? Updated,
    string? CustomStatus,
    DateTimeOffset? Expires,
    byte[]? Stalled);
