namespace Dapr.Common;

/// <summary>What the clients of the single building blocks have in common.</summary>
public interface IDaprClient : IDisposable;
