using System.Text.Json;
using Dapr.Workflow;

namespace Quayside.Workflows.UserRegistration;

/// <summary>Fields break rules. Of an activity's failure only type, message and stack reach the workflow, so the message is the errors as JSON.</summary>
public sealed class ValidationError(IReadOnlyDictionary<string, string[]> errors) : Exception(JsonSerializer.Serialize(errors))
{
    /// <returns>Field to complaints; null for any other failure.</returns>
    public static IReadOnlyDictionary<string, string[]>? TryRead(WorkflowTaskFailureDetails failure) => failure.ErrorType == typeof(ValidationError).FullName
        ? JsonSerializer.Deserialize<Dictionary<string, string[]>>(failure.ErrorMessage)
        : null;
}
