#nullable disable
namespace Dapr.AspNetCore;

/// <summary>A batch of events as it is posted to the app.</summary>
public class BulkSubscribeMessage<TValue>
{
    public List<BulkSubscribeMessageEntry<TValue>> Entries { get; set; }

    public string Topic { get; set; }

    public Dictionary<string, string> Metadata { get; set; }
}

/// <summary>One event of a batch; its id names it in the answer.</summary>
public class BulkSubscribeMessageEntry<TValue>
{
    public string EntryId { get; set; }

    public string ContentType { get; set; }

    public Dictionary<string, string> Metadata { get; set; }

    public TValue Event { get; set; }
}

/// <summary>The envelope of an event within a batch.</summary>
public class BulkMessageModel<TValue>
{
    public string Id { get; set; }

    public string Source { get; set; }

    public string Type { get; set; }

    public string Specversion { get; set; }

    public string Datacontenttype { get; set; }

    public TValue Data { get; set; }
}

public enum BulkSubscribeAppResponseStatus
{
    SUCCESS,
    RETRY,
    DROP,
}

/// <summary>How one event of a batch went.</summary>
public class BulkSubscribeAppResponseEntry(string entryId, BulkSubscribeAppResponseStatus status)
{
    public string EntryId { get; } = entryId;

    public string Status { get; } = status.ToString();
}

/// <summary>How a batch went; an event that is not named is sent again.</summary>
public class BulkSubscribeAppResponse(List<BulkSubscribeAppResponseEntry> statuses)
{
    public List<BulkSubscribeAppResponseEntry> Statuses { get; } = statuses;
}
