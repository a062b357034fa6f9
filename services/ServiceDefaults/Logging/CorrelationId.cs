namespace Quayside.ServiceDefaults.Logging;

/// <summary>What a caller quotes when he asks about a request: the gateway gives it to him and to the service.</summary>
public static class CorrelationId
{
    public const string Header = "X-Correlation-Id";

    public const int MaxLength = 64;
}
