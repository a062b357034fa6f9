using Google.Protobuf;
using LocalDapr.Protocol.TaskHub;
using LocalDapr.Runtime.Storage;

namespace LocalDapr.Runtime.Workflows.Engine;

/// <summary>The engine's writes; used on the database's writer only.</summary>
internal sealed class WorkflowWriter(DatabaseConnection connection)
{
    public void InsertInstance(Instance instance) => connection
        .Prepare("INSERT INTO instance(key, app, id, generation, status, parent_key, parent_app, parent_id, start_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")
        .Bind(1, instance.Key)
        .BindOrNull(2, instance.App)
        .BindOrNull(3, instance.Id)
        .Bind(4, instance.Generation)
        .Bind(5, (long)instance.Status)
        .BindOrNull(6, instance.Parent?.Key)
        .BindOrNull(7, instance.Parent?.App)
        .BindOrNull(8, instance.Parent?.InstanceId)
        .BindOrNull(9, instance.StartAt?.UtcTicks)
        .Run();

    public void UpdateInstance(InstanceUpdate row)
    {
        var statement = connection
            .Prepare("UPDATE instance SET generation = ?2, status = ?3, name = ?4, created = ?5, started = ?6, updated = ?7, custom_status = ?8, expires = ?9, stalled = ?10 WHERE key = ?1")
            .Bind(1, row.Key)
            .Bind(2, row.Generation)
            .Bind(3, (long)row.Status)
            .BindOrNull(4, row.Name)
            .BindOrNull(5, row.Created?.UtcTicks)
            .BindOrNull(6, row.Started?.UtcTicks)
            .BindOrNull(7, row.Updated?.UtcTicks)
            .BindOrNull(8, row.CustomStatus)
            .BindOrNull(9, row.Expires?.UtcTicks);
        (row.Stalled is null ? statement.BindNull(10) : statement.BindBlob(10, row.Stalled)).Run();
    }

    public void DeleteInstance(long key)
    {
        Delete("DELETE FROM instance WHERE key = ?1", key);
        DeleteHistory(key);
        Delete("DELETE FROM task WHERE key = ?1", key);
        DeletePending(key);
    }

    /// <summary>What a finished instance does not need any more.</summary>
    public void DeletePending(long key)
    {
        DeleteInbox(key, long.MaxValue);
        DeleteTimers(key);
    }

    public void AddHistory(long key, long chunk, byte[] events) => connection
        .Prepare("INSERT INTO history(key, chunk, events) VALUES(?1, ?2, ?3)")
        .Bind(1, key).Bind(2, chunk).BindBlob(3, events).Run();

    public void DeleteHistory(long key) => Delete("DELETE FROM history WHERE key = ?1", key);

    public void AddInbox(long key, long seq, byte[] e) => connection
        .Prepare("INSERT INTO inbox(key, seq, event) VALUES(?1, ?2, ?3)")
        .Bind(1, key).Bind(2, seq).BindBlob(3, e).Run();

    public void DeleteInbox(long key, long upTo) => connection.Prepare("DELETE FROM inbox WHERE key = ?1 AND seq <= ?2").Bind(1, key).Bind(2, upTo).Run();

    public void AddTimer(long key, long generation, int id, long due, byte[] e) => connection
        .Prepare("INSERT OR REPLACE INTO timer(key, id, generation, due, event) VALUES(?1, ?2, ?3, ?4, ?5)")
        .Bind(1, key).Bind(2, id).Bind(3, generation).Bind(4, due).BindBlob(5, e).Run();

    public void DeleteTimer(long key, int id) => connection.Prepare("DELETE FROM timer WHERE key = ?1 AND id = ?2").Bind(1, key).Bind(2, id).Run();

    public void DeleteTimers(long key) => Delete("DELETE FROM timer WHERE key = ?1", key);

    public void AddTask(ActivityTask task) => connection
        .Prepare("INSERT OR REPLACE INTO task(key, generation, id, app, request, router) VALUES(?1, ?2, ?3, ?4, ?5, ?6)")
        .Bind(1, task.Key)
        .Bind(2, task.Generation)
        .Bind(3, task.Id)
        .BindOrNull(4, task.Order.App)
        .BindBlob(5, task.Order.Request.ToByteArray())
        .BindBlob(6, task.Order.Router.ToByteArray())
        .Run();

    public void DeleteTask(ActivityTask task) => connection
        .Prepare("DELETE FROM task WHERE key = ?1 AND generation = ?2 AND id = ?3")
        .Bind(1, task.Key).Bind(2, task.Generation).Bind(3, task.Id).Run();

    private void Delete(string sql, long key) => connection.Prepare(sql).Bind(1, key).Run();
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
