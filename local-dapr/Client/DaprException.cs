#nullable disable
namespace Dapr;

/// <summary>A Dapr operation failed; the inner exception says why.</summary>
public class DaprException : Exception
{
    public DaprException(string message) : base(message)
    {
    }

    public DaprException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
