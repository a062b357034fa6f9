using System.Text.Json.Serialization;
using Dapr.Workflow;
using Quayside.Contracts.Notifications;
using Quayside.ServiceDefaults.Invocation;

namespace Quayside.Workflows.UserRegistration;

/// <summary>What SendValidationError needs.</summary>
public sealed record RejectedRegistration(string RegistrationId, [property: JsonPropertyOrder(1)] IReadOnlyDictionary<string, string[]> Errors)
{
    /// <summary>Of an instance that was started before Users kept it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Email { get; init; }
}

/// <summary>Tells the address given, unless it is the address that is wrong; not the name, which may be what nobody should be written in. False: there was nobody to tell.</summary>
public sealed class SendValidationErrorActivity(Invoker invoker) : WorkflowActivity<RejectedRegistration, bool>
{
    public override async Task<bool> RunAsync(WorkflowActivityContext context, RejectedRegistration input)
    {
        if (input.Errors.ContainsKey("email")) return false;
        if ((input.Email?.Trim() ?? (await invoker.FindRegistrantAsync(input.RegistrationId))?.Email) is not { } address) return false;
        var told = new SendValidationError(input.RegistrationId, address, input.Errors);
        await invoker.PostAsync<SendValidationError, MailSent>("notification-service", "/internal/notifications/validation-error", told, CancellationToken.None);
        return true;
    }
}
