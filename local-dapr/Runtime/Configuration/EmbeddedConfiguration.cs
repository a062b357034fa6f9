using System.Collections.Concurrent;
using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.Configuration;

/// <summary>The configuration stores of the whole process, one file a component name: <c>configuration/NAME.json</c> in the data folder.</summary>
internal sealed class EmbeddedConfiguration(LocalRuntime runtime, ILogger log) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<ConfigurationFile>> files = new(StringComparer.Ordinal);

    public ConfigurationFile Open(string component) =>
        files.GetOrAdd(component, name => new(() => new ConfigurationFile(Path.GetFullPath(Path.Combine(runtime.Options.DataDirectory, "configuration", name + ".json")), log))).Value;

    public ValueTask DisposeAsync()
    {
        foreach (var file in files.Values)
            file.Value.Dispose();
        return ValueTask.CompletedTask;
    }
}
