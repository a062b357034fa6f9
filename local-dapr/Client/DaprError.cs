#nullable disable
namespace Dapr;

/// <summary>The error body of Dapr's HTTP API.</summary>
public class DaprError
{
    public string ErrorCode { get; set; }

    public string Message { get; set; }
}
