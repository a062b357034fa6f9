#nullable disable
namespace Dapr;

/// <summary>A Dapr operation failed with an error code of its own ("UNKNOWN" when there is none).</summary>
public class DaprApiException : DaprException
{
    private const string Unknown = "UNKNOWN";

    public DaprApiException() : this(null, Unknown, false)
    {
    }

    public DaprApiException(string message) : this(message, Unknown, false)
    {
    }

    public DaprApiException(string message, Exception inner) : this(message, inner, Unknown, false)
    {
    }

    public DaprApiException(string errorCode, bool isTransient) : this(string.Empty, errorCode, isTransient)
    {
    }

    public DaprApiException(string message, string errorCode, bool isTransient) : this(message, null, errorCode, isTransient)
    {
    }

    public DaprApiException(string message, Exception inner, string errorCode, bool isTransient) : base(message, inner) =>
        (ErrorCode, IsTransient) = (errorCode ?? Unknown, isTransient);

    public string ErrorCode { get; }

    public bool IsTransient { get; }
}
