using Dapr.Workflow;
using Quayside.Contracts.Registrations;

namespace Quayside.Workflows.UserRegistration;

/// <summary>Starts a registration once, and knows how it stands.</summary>
public sealed class RegistrationStarter(IDaprWorkflowClient workflows)
{
    /// <summary>
    /// A finished instance would give way to a second start, so it is looked for first. Should one finish in between, it runs again: every step
    /// knows the registration id, and nothing changes. A failed start counts as done only when the instance exists.
    /// </summary>
    /// <returns>False if it was there.</returns>
    public async Task<bool> EnsureStartedAsync(string id, CancellationToken cancellationToken)
    {
        if (await ExistsAsync(id, cancellationToken)) return false;
        try
        {
            await workflows.ScheduleNewWorkflowAsync(nameof(UserRegistration), id, new RegistrationState(id), startTime: (DateTimeOffset?)null, cancellationToken);
            return true;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            if (!await ExistsAsync(id, cancellationToken)) throw;
            return false;
        }
    }

    public async Task<AskRegistrationResult> FindAsync(string id, CancellationToken cancellationToken)
    {
        var state = await workflows.GetWorkflowStateAsync(id, getInputsAndOutputs: true, cancellationToken);
        // Orders are instances too, and their ids are known to customers.
        if (!state.Exists || state.WorkflowName != nameof(UserRegistration)) return new(null);
        return state.RuntimeStatus == WorkflowRuntimeStatus.Completed && state.ReadOutputAs<RegistrationResult>() is { } result
            ? new(result.Status, result.Errors)
            : new(RegistrationStatus.Running);
    }

    /// <summary>One that failed or was terminated by hand has not ended for who waits for it: a repeated request starts it again.</summary>
    private async Task<bool> ExistsAsync(string id, CancellationToken cancellationToken)
    {
        var state = await workflows.GetWorkflowStateAsync(id, getInputsAndOutputs: false, cancellationToken);
        return state.Exists && state.RuntimeStatus is not (WorkflowRuntimeStatus.Failed or WorkflowRuntimeStatus.Terminated);
    }
}
