using Google.Protobuf;
using LocalDapr.Protocol.TaskHub;

namespace LocalDapr.Runtime.Workflows.Engine;

/// <summary>
/// The committed events of one run: their bytes, ready to be sent as the <c>pastEvents</c> of a work item, and what the engine needs to know of them.
/// The bytes only ever grow, so a snapshot of <see cref="Past"/> stays valid while the next turn is added.
/// </summary>
internal sealed class History
{
    private readonly HashSet<int> ended = [];
    private readonly Dictionary<int, ChildRef> children = [];
    private readonly List<string> patches = [];
    private byte[] buffer = [];
    private int length;

    /// <summary>Encoded as a <see cref="WorkflowRequest"/> that holds nothing but pastEvents.</summary>
    public ReadOnlyMemory<byte> Past => new(buffer, 0, length);

    public int Count { get; private set; }

    public HistoryEvent? Started { get; private set; }

    public DateTimeOffset? FirstTurn { get; private set; }

    public DateTimeOffset LastChange { get; private set; }

    public bool IsSuspended { get; private set; }

    public IReadOnlyList<string> Patches => patches;

    public string? VersionName { get; private set; }

    /// <summary>The child workflows that were started in this run and have not ended.</summary>
    public IEnumerable<ChildRef> OpenChildren => children.Values;

    /// <summary>True when the history holds a result of this activity id.</summary>
    public bool HasEnded(int taskId) => ended.Contains(taskId);

    public static byte[] Encode(IEnumerable<HistoryEvent> events)
    {
        var message = new WorkflowRequest();
        message.PastEvents.AddRange(events);
        return message.ToByteArray();
    }

    public static IEnumerable<HistoryEvent> Decode(byte[] chunk) => WorkflowRequest.Parser.ParseFrom(chunk).PastEvents;

    /// <summary>Adds events and their encoding.</summary>
    public void Append(byte[] chunk, IEnumerable<HistoryEvent> events)
    {
        if (length + chunk.Length > buffer.Length)
        {
            var larger = new byte[Math.Max(length + chunk.Length, buffer.Length * 2)];
            buffer.AsSpan(0, length).CopyTo(larger);
            buffer = larger;
        }
        chunk.CopyTo(buffer, length);
        length += chunk.Length;
        foreach (var e in events)
            Fold(e);
    }

    private void Fold(HistoryEvent e)
    {
        Count++;
        LastChange = Times.Of(e.Timestamp);
        switch (e.EventTypeCase)
        {
            case HistoryEvent.EventTypeOneofCase.WorkflowStarted:
                FirstTurn ??= LastChange;
                if (e.WorkflowStarted.Version is { } version)
                {
                    patches.AddRange(version.Patches);
                    VersionName = version.HasName ? version.Name : VersionName;
                }
                break;
            case HistoryEvent.EventTypeOneofCase.ExecutionStarted:
                Started = e;
                break;
            case HistoryEvent.EventTypeOneofCase.ExecutionSuspended:
                IsSuspended = true;
                break;
            case HistoryEvent.EventTypeOneofCase.ExecutionResumed:
                IsSuspended = false;
                break;
            case HistoryEvent.EventTypeOneofCase.TaskCompleted:
                ended.Add(e.TaskCompleted.TaskScheduledId);
                break;
            case HistoryEvent.EventTypeOneofCase.TaskFailed:
                ended.Add(e.TaskFailed.TaskScheduledId);
                break;
            case HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCreated:
                var child = e.ChildWorkflowInstanceCreated;
                children[e.EventId] = new(e.Router?.HasTargetAppID == true ? e.Router.TargetAppID : e.Router?.SourceAppID ?? "", child.InstanceId);
                break;
            case HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCompleted:
                children.Remove(e.ChildWorkflowInstanceCompleted.TaskScheduledId);
                break;
            case HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceFailed:
                children.Remove(e.ChildWorkflowInstanceFailed.TaskScheduledId);
                break;
        }
    }
}

internal readonly record struct ChildRef(string App, string InstanceId);
