namespace Quayside.Gateway.Routing;

public enum Access
{
    User,
    Anonymous,
    Admin,
}

/// <summary>One line of the route table. The path is forwarded as it came.</summary>
public sealed class RouteLine
{
    /// <summary>Whole segments, letters of any case; one in braces stands for any one.</summary>
    public required string Prefix { get; init; }

    /// <summary>The prefix itself only, nothing below it.</summary>
    public bool Exact { get; init; }

    /// <summary>Empty: every method.</summary>
    public List<string> Methods { get; init; } = [];

    /// <summary>The Dapr app id; <c>{app}</c>: the segment of that name in the prefix, one of the apps listed as parking.</summary>
    public required string App { get; init; }

    public Access Access { get; init; }

    /// <summary>Name of a bucket; without one: <c>user</c> for callers with a token, <c>anonymous</c> for others.</summary>
    public string? RateLimit { get; init; }

    /// <summary>Seconds for all tries together.</summary>
    public double Timeout { get; init; } = 10;

    /// <summary>Seconds one try may take until its response headers; without it the gateway's TryTimeout.</summary>
    public double? TryTimeout { get; init; }

    /// <summary>Largest request body in bytes. 64 KiB is what the services take; beyond it a body is streamed and sent once.</summary>
    public int MaxBody { get; init; } = 64 * 1024;

    /// <summary>An event stream: asked for once, past breaker and retries; it begins within <see cref="Timeout"/> and lasts as long as both sides like.</summary>
    public bool Stream { get; init; }

    /// <summary>Give a request without an Idempotency-Key one of its own, so that it may be sent twice.</summary>
    public bool AddIdempotencyKey { get; init; }
}
