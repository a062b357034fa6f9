using Google.Protobuf;
using LocalDapr.Protocol.TaskHub;

namespace Quayside.Services.Tests.Sagas;

/// <summary>Histories of workflows as they were released, one file each, as the engine tells them. They are added with a release and never changed.</summary>
internal static class ReleasedHistories
{
    private static readonly JsonFormatter Format = new(JsonFormatter.Settings.Default.WithIndentation("  ").WithFormatDefaultValues(false));

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Sagas", "Histories");

    public static IEnumerable<string> Names => Directory.EnumerateFiles(Folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal);

    public static IReadOnlyList<HistoryEvent> Read(string name) =>
        JsonParser.Default.Parse<GetInstanceHistoryResponse>(File.ReadAllText(Path.Combine(Folder, name + ".json"))).Events;

    /// <summary>Without stack traces: no workflow decides by them, and they name the folders of the machine that recorded them.</summary>
    public static void Write(string folder, string name, IReadOnlyList<HistoryEvent> history)
    {
        var written = new GetInstanceHistoryResponse { Events = { history.Select(e => e.Clone()) } };
        foreach (var failed in written.Events.Where(e => e.TaskFailed is not null)) failed.TaskFailed.FailureDetails.StackTrace = null;
        File.WriteAllText(Path.Combine(folder, name + ".json"), Format.Format(written) + "\n");
    }

    /// <summary>The turns of a history: each begins with its WorkflowStarted.</summary>
    public static IEnumerable<(HistoryEvent[] Past, HistoryEvent[] New, HistoryEvent[] Made)> Turns(IReadOnlyList<HistoryEvent> history)
    {
        var start = 0;
        for (var end = 1; end <= history.Count; end++)
        {
            if (end < history.Count && history[end].WorkflowStarted is null)
                continue;
            var turn = history.Skip(start).Take(end - start).ToArray();
            yield return ([.. history.Take(start)], [.. turn.Where(e => e.EventId < 0)], [.. turn.Where(e => e.EventId >= 0)]);
            start = end;
        }
    }
}
