using System.Globalization;
using Google.Protobuf;
using LocalDapr.Protocol.TaskHub;

namespace LocalDapr.Runtime.Workflows.Engine;

/// <summary>What is handed to a worker: a turn of a workflow, or an activity.</summary>
internal abstract class WorkUnit
{
    /// <summary>The stream that has it now; null while it waits for one.</summary>
    public WorkerStream? Holder
    {
        get;
        set
        {
            field = value;
            WasOut |= value is not null;
        }
    }

    /// <summary>A worker has had it since this process started: an answer may come, also from one that has gone.</summary>
    public bool WasOut { get; private set; }

    public abstract string Token { get; }
}

/// <summary>
/// One turn of an instance. Its events are fixed when it is made, so that a second delivery holds the same and an answer to either counts.
/// Only the time of WorkflowStarted is that of the delivery.
/// </summary>
internal sealed class Turn(Instance instance, List<HistoryEvent> events, long inboxTaken, string token) : WorkUnit
{
    public Instance Instance { get; } = instance;

    public List<HistoryEvent> New { get; set; } = events;

    /// <summary>The inbox up to this sequence number is in the turn.</summary>
    public long InboxTaken { get; } = inboxTaken;

    /// <summary>How often the workflow has continued as new within this turn.</summary>
    public int Continuations { get; set; }

    public History Past => Continuations == 0 ? Instance.History : EmptyHistory;

    public override string Token { get; } = token;

    private static History EmptyHistory { get; } = new();
}

/// <summary>An activity that has not been answered.</summary>
internal sealed class ActivityTask(long key, long generation, TaskOrder order) : WorkUnit
{
    public long Key { get; } = key;

    public long Generation { get; } = generation;

    public TaskOrder Order { get; } = order;

    public int Id => Order.Request.TaskId;

    public string InstanceId => Order.Request.WorkflowInstance.InstanceId;

    /// <summary>Its instance is gone: the answer is only awaited so that it is not taken for that of another.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>Unique over all instances and runs, also over restarts.</summary>
    public override string Token { get; } = string.Create(CultureInfo.InvariantCulture, $"task-{key}-{generation}-{order.Request.TaskId}");
}

/// <summary>A <see cref="WorkItem"/> ready to be sent; the past events are copied only once, into the connection's buffer.</summary>
internal sealed class WorkFrame
{
    private readonly byte[] head;
    private readonly ReadOnlyMemory<byte> past;
    private readonly byte[] tail;

    private WorkFrame(byte[] head, ReadOnlyMemory<byte> past, byte[] tail) => (this.head, this.past, this.tail) = (head, past, tail);

    public int Size => head.Length + past.Length + tail.Length;

    public static WorkFrame Of(WorkUnit unit) => unit switch
    {
        Turn turn => Of(turn),
        ActivityTask task => new(new WorkItem { ActivityRequest = task.Order.Request, CompletionToken = task.Token }.ToByteArray(), default, []),
        _ => throw new ArgumentException("neither turn nor activity", nameof(unit)),
    };

    public void WriteTo(Span<byte> target)
    {
        head.CopyTo(target);
        past.Span.CopyTo(target[head.Length..]);
        tail.CopyTo(target[(head.Length + past.Length)..]);
    }

    private static WorkFrame Of(Turn turn)
    {
        var request = new WorkflowRequest { InstanceId = turn.Instance.Id };
        request.NewEvents.AddRange(turn.New);
        var past = turn.Past.Past;
        var size = request.CalculateSize();
        // Field 1 of WorkItem, length-delimited; its body is the request without and then with the past events: encoded messages merge.
        var prefix = new byte[1 + CodedOutputStream.ComputeLengthSize(size + past.Length) + size];
        var output = new CodedOutputStream(prefix);
        output.WriteTag(WorkItem.WorkflowRequestFieldNumber, WireFormat.WireType.LengthDelimited);
        output.WriteLength(size + past.Length);
        request.WriteTo(output);
        output.CheckNoSpaceLeft();
        return new(prefix, past, new WorkItem { CompletionToken = turn.Token }.ToByteArray());
    }
}
