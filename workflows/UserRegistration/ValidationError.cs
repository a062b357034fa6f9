using System.Text.Json;
using Dapr.Workflow;

namespace Quayside.Workflows.UserRegistration;

/// <summary>Fields break rules. Of an activity's failure only type, message and stack reach the workflow, so the message is the errors as JSON.</summary>
#pragma warning disable CA1710 // the state machine's name for it
public sealed class ValidationError(IReadOnlyDictionary<string, string[]> errors) : Exception(JsonSerializer.Serialize(errors))
#pragma warning restore CA1710
{
    /// <returns>Field to complaints; null for any other failure.</returns>
    public static IReadOnlyDictionary<string, string[]>? TryRead(WorkflowTaskFailureDetails failure) => failure.ErrorType == typeof(ValidationError).FullName
        ? JsonSerializer.Deserialize<Dictionary<string, string[]>>(failure.ErrorMessage)
        : null;
}
