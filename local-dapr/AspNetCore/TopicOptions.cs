#nullable disable
namespace Dapr;

/// <summary>Everything that a subscription of an endpoint may say.</summary>
public class TopicOptions
{
    public IDictionary<string, string> Metadata;

    public string Name { get; set; }

    public string PubsubName { get; set; }

    public bool EnableRawPayload { get; set; }

    /// <summary>A CEL expression over <c>event</c>.</summary>
    public string Match { get; set; }

    /// <summary>Of rules with a <see cref="Match"/> the lowest is asked first; the lowest of a topic also decides its dead letters.</summary>
    public int Priority { get; set; }

    public string[] OwnedMetadatas { get; set; }

    public string MetadataSeparator { get; set; }

    public string DeadLetterTopic { get; set; }
}
