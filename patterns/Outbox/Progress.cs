using Quayside.EventSourcing;

namespace Quayside.Outbox;

/// <summary>Publishes finish in any order; progress is the last event before the first that is not finished.</summary>
internal sealed class Progress(Cursor start)
{
    private readonly Queue<InFlight> _open = [];
    private Cursor _cursor = start;

    internal sealed class InFlight(StoredEvent stored)
    {
        public StoredEvent Stored => stored;
        public bool IsDone { get; set; }
    }

    public Signal Moved { get; } = new();

    public Cursor Cursor
    {
        get
        {
            lock (_open)
                return _cursor;
        }
    }

    public bool IsIdle
    {
        get
        {
            lock (_open)
                return _open.Count == 0;
        }
    }

    public InFlight Begin(StoredEvent stored)
    {
        var item = new InFlight(stored);
        lock (_open)
            _open.Enqueue(item);
        return item;
    }

    public void End(InFlight item)
    {
        lock (_open)
        {
            item.IsDone = true;
            if (_open.Peek() != item)
                return;
            while (_open.TryPeek(out var first) && first.IsDone)
                _cursor = _open.Dequeue().Stored.Cursor;
        }
        Moved.Raise();
    }
}
