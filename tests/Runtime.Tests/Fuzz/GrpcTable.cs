using System.Reflection;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using LocalDapr.Protocol.Grpc;

namespace LocalDapr.Runtime.Tests.Fuzz;

/// <summary>A method of the sidecar's gRPC API and the type of what it takes.</summary>
internal sealed record GrpcTarget(string Path, MessageParser Parser)
{
    /// <summary>They answer when another event comes, or not at all: a deadline is a right end for them.</summary>
    private static readonly string[] Patient = ["GetWorkItems", "WaitForInstanceStart", "WaitForInstanceCompletion", "SubscribeTopicEventsAlpha1", "SubscribeConfiguration", "SubscribeConfigurationAlpha1"];

    /// <summary>All there are, by the tables that clients and the sidecar share.</summary>
    public static GrpcTarget[] All { get; } =
    [
        .. from property in typeof(DaprMethods).GetProperties(BindingFlags.Public | BindingFlags.Static).Concat(typeof(TaskHubMethods).GetProperties(BindingFlags.Public | BindingFlags.Static))
           let method = property.GetValue(null)!
           select new GrpcTarget((string)method.GetType().GetProperty("FullName")!.GetValue(method)!, (MessageParser)method.GetType().GetProperty("RequestParser")!.GetValue(method)!),
    ];

    public bool MayWait => Patient.Contains(Path.Split('/')[^1]);

    public MessageDescriptor Type => Parser.ParseFrom(ByteString.Empty) is IMessage message ? message.Descriptor : throw new InvalidOperationException();
}
