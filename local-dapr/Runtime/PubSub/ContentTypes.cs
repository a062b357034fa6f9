namespace LocalDapr.Runtime.PubSub;

/// <summary>How Dapr 1.18 tells content types apart: by the type in front of the parameters, case ignored.</summary>
internal static class ContentTypes
{
    public const string CloudEvent = "application/cloudevents+json";
    public const string Json = "application/json";
    public const string Bytes = "application/octet-stream";

    public static bool IsCloudEvent(string contentType) => Is(contentType, CloudEvent);

    public static bool IsJson(string contentType) => Is(contentType, Json);

    public static bool IsBinary(string contentType) => Is(contentType, Bytes) || Is(contentType, "application/cloudevents+protobuf") || Is(contentType, "application/x-protobuf");

    public static bool IsText(string contentType) => contentType.StartsWith("text/", StringComparison.OrdinalIgnoreCase) || Is(contentType, "application/xml");

    private static bool Is(string contentType, string wanted)
    {
        var end = contentType.IndexOf(';', StringComparison.Ordinal);
        return (end < 0 ? contentType : contentType.AsSpan(0, end)).Trim().Equals(wanted, StringComparison.OrdinalIgnoreCase);
    }
}
