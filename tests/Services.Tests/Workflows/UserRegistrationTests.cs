using System.Text.Json;
using Dapr.Workflow;
using Quayside.Contracts.Registrations;
using Quayside.Patterns.Tests.Saga;
using Quayside.Workflows.UserRegistration;

namespace Quayside.Services.Tests.Workflows;

public sealed class UserRegistrationTests
{
    private static readonly RegistrationState Given = new("registration-1");
    private static readonly RegisteredUser Owner = new("registration-1", "user-1", AlreadyRegistered: true);

    private readonly List<object?> inputs = [];

    [Fact]
    public async Task The_states_follow_each_other_and_the_mail_receives_the_created_user_alone()
    {
        var workflow = Script(errors: null);
        Assert.Equal(new RegistrationResult(RegistrationStatus.Completed), await RunAsync(workflow));
        Assert.Equal(["ValidateUserActivity", "CreateUserActivity", "SendWelcomeEmailActivity"], workflow.Calls);
        Assert.Equal([Given, Given, Owner], inputs);
    }

    [Fact]
    public async Task A_field_that_breaks_a_rule_leads_to_the_mail_and_to_rejected_with_the_errors()
    {
        var workflow = Script(new Dictionary<string, string[]> { ["email"] = ["is none"], ["name"] = ["is too long", "is no name"] });
        var result = await RunAsync(workflow);
        Assert.Equal(
            """{"Status":"rejected","Errors":{"email":["is none"],"name":["is too long","is no name"]}}""", JsonSerializer.Serialize(result));
        Assert.Equal(["ValidateUserActivity", "SendValidationErrorActivity"], workflow.Calls);
        Assert.Equal(result.Errors, Assert.IsType<RejectedRegistration>(inputs[1]).Errors);
    }

    [Fact]
    public async Task Another_failure_of_ValidateUser_is_not_caught()
    {
        var workflow = new ScriptedWorkflow((_, _) => null);
        await Assert.ThrowsAsync<WorkflowTaskFailedException>(() => RunAsync(workflow));
        Assert.Equal(["ValidateUserActivity"], workflow.Calls);
    }

    [Fact]
    public async Task When_CreateUser_has_failed_for_hours_the_tries_go_on_in_a_new_history()
    {
        var workflow = new ScriptedWorkflow((activity, input) => activity == "ValidateUserActivity" ? input : null);
        await RunAsync(workflow);
        Assert.Equal(Given, workflow.ContinuedWith);
    }

    private static Task<RegistrationResult> RunAsync(ScriptedWorkflow workflow) => new UserRegistration().RunAsync(workflow, Given);

    /// <summary>ValidateUser fails as the worker reports it.</summary>
    private ScriptedWorkflow Script(IReadOnlyDictionary<string, string[]>? errors) => new((activity, input) =>
    {
        inputs.Add(input);
        return activity switch
        {
            "ValidateUserActivity" when errors is not null =>
                throw new WorkflowTaskFailedException("Task failed", new WorkflowTaskFailureDetails(typeof(ValidationError).FullName!, new ValidationError(errors).Message)),
            "ValidateUserActivity" => input,
            "CreateUserActivity" => Owner,
            _ => true,
        };
    });
}
