using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.Workflows;

/// <summary>Dapr runs workflows only where a state store says <c>actorStateStore: "true"</c>; the engine keeps its data in a database of its own.</summary>
internal static class ActorStore
{
    private const string Setting = "actorStateStore";

    public static ComponentSpec? Find(ResourceSet resources) => resources.Components.FirstOrDefault(c =>
        c.Type.StartsWith("state.", StringComparison.Ordinal) && string.Equals(Value(c, Setting), "true", StringComparison.OrdinalIgnoreCase));

    /// <summary>A declared SQLite store outlives the process, so the workflows lie beside its file; null is the data folder.</summary>
    public static string? FileOf(ComponentSpec store, RuntimeOptions runtime, string workingDirectory)
    {
        if (runtime.Backends != Backends.Declared || store.Type != "state.sqlite" || Value(store, "connectionString") is not { Length: > 0 } connection)
            return null;
        var path = connection.Split('?')[0];
        path = path.StartsWith("file:", StringComparison.Ordinal) ? path["file:".Length..] : path;
        return path.Length == 0 || path.Contains(":memory:", StringComparison.Ordinal) ? null : Path.GetFullPath(path, workingDirectory) + ".workflow";
    }

    private static string? Value(ComponentSpec component, string name) =>
        component.Metadata.FirstOrDefault(m => string.Equals(m.Name, name, StringComparison.OrdinalIgnoreCase))?.Value;
}
