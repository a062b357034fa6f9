using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Storage;
using LocalDapr.Runtime.Workflows.Engine;

namespace LocalDapr.Runtime.Workflows;

/// <summary>The workflow engines of this process: one for the data folder, and one beside each declared SQLite store that holds actor state.</summary>
internal sealed class WorkflowEngines(LocalRuntime runtime, ILoggerFactory loggers) : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, WorkflowEngine> engines = new(StringComparer.Ordinal);

    /// <summary>The engine that keeps its data in the file; null is the data folder's.</summary>
    public WorkflowEngine Open(string? file)
    {
        lock (gate)
        {
            var path = file ?? "";
            if (!engines.TryGetValue(path, out var engine))
            {
                var database = file is null
                    ? runtime.OpenDatabase("workflow", WorkflowSchema.Sql)
                    : Database.Open(file, runtime.Options.Durability, WorkflowSchema.Sql);
                engines[path] = engine = new(database, runtime.Time, loggers.CreateLogger("dapr.workflow"));
            }
            return engine;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var engine in engines.Values)
            await engine.DisposeAsync();
    }
}
