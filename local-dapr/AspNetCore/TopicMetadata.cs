#nullable disable
namespace Dapr;

/// <summary>An endpoint takes the events of a topic.</summary>
public interface ITopicMetadata
{
    string Name { get; }

    string PubsubName { get; }

    /// <summary>A CEL expression over <c>event</c>; the rule with the lowest <see cref="Priority"/> is asked first.</summary>
    string Match { get; }

    int Priority { get; }
}

/// <summary>Whether messages come as they were sent, without a CloudEvent around them.</summary>
public interface IRawTopicMetadata
{
    bool? EnableRawPayload { get; }
}

/// <summary>Where messages go that could not be handled.</summary>
public interface IDeadLetterTopicMetadata
{
    string DeadLetterTopic { get; }
}

/// <summary>A name and value for the pub/sub component; without an id it belongs to every topic of the endpoint.</summary>
public interface IOriginalTopicMetadata
{
    string Id { get; }

    string Name { get; }

    string Value { get; }
}

/// <summary>The ids of the metadata that belong to a topic.</summary>
public interface IOwnedOriginalTopicMetadata
{
    string[] OwnedMetadatas { get; }

    string MetadataSeparator { get; }
}
