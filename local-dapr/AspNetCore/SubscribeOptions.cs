namespace Dapr;

/// <summary>What holds for all subscriptions of an app.</summary>
public class SubscribeOptions
{
    public bool EnableRawPayload { get; set; }
}
