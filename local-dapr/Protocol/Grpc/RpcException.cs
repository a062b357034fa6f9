using Google.Protobuf;

namespace LocalDapr.Protocol.Grpc;

/// <summary>A call that ended with another status than OK: thrown by clients, and by handlers to answer with that status.</summary>
public sealed class RpcException : Exception
{
    public const string DetailsKey = "grpc-status-details-bin";

    public RpcException(StatusCode status, string detail, Metadata? trailers = null, Exception? inner = null)
        : base($"Status(StatusCode=\"{status}\", Detail=\"{detail}\")", inner) =>
        (Status, Detail, Trailers) = (status, detail, trailers ?? []);

    public StatusCode Status { get; }

    public string Detail { get; }

    /// <summary>The trailers of the answer, <c>grpc-status-details-bin</c> included; empty when there were none.</summary>
    public Metadata Trailers { get; }

    /// <summary>The rich error model's status, when the answer carried a readable one.</summary>
    public Google.Rpc.Status? RichStatus
    {
        get
        {
            if (Trailers.GetBytes(DetailsKey) is not { } bytes)
                return null;
            try
            {
                return Google.Rpc.Status.Parser.ParseFrom(bytes);
            }
            catch (InvalidProtocolBufferException)
            {
                return null;
            }
        }
    }

    /// <summary>An error with details in <c>grpc-status-details-bin</c>; its code and message become those of the call.</summary>
    public static RpcException From(Google.Rpc.Status status) =>
        new((StatusCode)status.Code, status.Message, [(DetailsKey, status.ToByteArray())]);
}
