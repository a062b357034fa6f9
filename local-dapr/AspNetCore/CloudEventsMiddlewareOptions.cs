#nullable disable
namespace Dapr;

/// <summary>How events are unwrapped.</summary>
public class CloudEventsMiddlewareOptions
{
    /// <summary>Hands on text data as the JSON string that it is in the envelope.</summary>
    public bool SuppressJsonDecodingOfTextPayloads { get; set; }

    /// <summary>Hands on the envelope's attributes as headers <c>Cloudevent.{name}</c>, all but data and its type, the pub/sub's name and the trace.</summary>
    public bool ForwardCloudEventPropertiesAsHeaders { get; set; }

    public string[] IncludedCloudEventPropertiesAsHeaders { get; set; }

    /// <summary>Without effect when attributes are included by name.</summary>
    public string[] ExcludedCloudEventPropertiesFromHeaders { get; set; }
}
