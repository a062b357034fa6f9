using Dapr.Workflow;

namespace Quayside.Saga;

/// <summary>How a step ended.</summary>
/// <param name="Value">The answer, unless <paramref name="Failure"/> tells that there was none.</param>
/// <param name="Failures">Attempts that failed; after any of them an effect may have happened.</param>
/// <param name="Failure">The last failure, when all attempts are exhausted.</param>
public sealed record Attempted<T>(T? Value, int Failures, WorkflowTaskFailureDetails? Failure)
    where T : class;
