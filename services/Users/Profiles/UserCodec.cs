using System.Text.Json;
using System.Text.Json.Serialization;
using Quayside.Contracts.Users;
using Quayside.EventSourcing;

namespace Quayside.Users.Profiles;

/// <summary>The events of a user in the store and on the topic.</summary>
internal static class UserCodec
{
    public static readonly EventCodec<UserEvent> Instance = new EventCodec<UserEvent>(UserEventJson.Default)
        .Map<UserEvent.Created>(UserEvents.Created)
        .Map<UserEvent.Updated>(UserEvents.Updated)
        .Map<UserEvent.Deleted>(UserEvents.Deleted);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(UserEvent.Created))]
[JsonSerializable(typeof(UserEvent.Updated))]
[JsonSerializable(typeof(UserEvent.Deleted))]
internal sealed partial class UserEventJson : JsonSerializerContext;
