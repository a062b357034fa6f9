using System.Text.Json.Serialization;
using Dapr.Workflow;
using Quayside.Contracts.Registrations;

namespace Quayside.Workflows.UserRegistration;

/// <summary>
/// The state of a registration; its instance id is the registration id. Histories are kept, so nothing of a person comes here: the password waits with Identity,
/// address and name with Users. Instances that were started before Users kept them have both, and go on with them.
/// </summary>
/// <param name="User">What CreateUser made or found; null before, and for a user who was deleted since.</param>
public sealed record RegistrationState(string RegistrationId, [property: JsonPropertyOrder(1)] RegisteredUser? User = null)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Email { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }
}

/// <summary>All that SendWelcomeEmail receives: the new user, or the owner of an address that was taken.</summary>
public sealed record RegisteredUser(string RegistrationId, string UserId, [property: JsonPropertyOrder(1)] bool AlreadyRegistered)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Email { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }
}

/// <param name="Errors">Of a rejected registration: field to complaints.</param>
public sealed record RegistrationResult(RegistrationStatus Status, IReadOnlyDictionary<string, string[]>? Errors = null);

/// <summary>The state machine ValidateUser, CreateUser, SendWelcomeEmail. Only ValidateUser catches, only ValidationError, which leads to SendValidationError.</summary>
public sealed class UserRegistration : Workflow<RegistrationState, RegistrationResult>
{
    public override async Task<RegistrationResult> RunAsync(WorkflowContext context, RegistrationState input)
    {
        RegistrationState state;
        try
        {
            state = await Patiently.CallAsync<RegistrationState>(
                context, nameof(ValidateUserActivity), input, mayPass: failure => ValidationError.TryRead(failure) is null);
        }
        catch (WorkflowTaskFailedException failure) when (ValidationError.TryRead(failure.FailureDetails) is { } errors)
        {
            var rejected = new RejectedRegistration(input.RegistrationId, errors) { Email = input.Email };
            await Patiently.CallAsync<bool>(context, nameof(SendValidationErrorActivity), rejected);
            return new RegistrationResult(RegistrationStatus.Rejected, errors);
        }

        catch (WorkflowTaskFailedException)
        {
            return GoOn(context, input);
        }

        try
        {
            state = state with { User = await Patiently.CallAsync<RegisteredUser?>(context, nameof(CreateUserActivity), state) };
        }
        catch (WorkflowTaskFailedException)
        {
            return GoOn(context, input);
        }

        if (state.User is not null)
            await Patiently.CallAsync<bool>(context, nameof(SendWelcomeEmailActivity), state.User);
        return new RegistrationResult(RegistrationStatus.Completed);
    }

    /// <summary>No transition: the tries go on, for nobody may be left with half an account, in a history that begins anew before it is too long.</summary>
    private static RegistrationResult GoOn(WorkflowContext context, RegistrationState input)
    {
        context.ContinueAsNew(input);
        return new RegistrationResult(RegistrationStatus.Running);
    }
}
