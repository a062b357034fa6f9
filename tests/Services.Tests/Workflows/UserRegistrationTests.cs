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
    public async Task While_Users_cannot_be_asked_ValidateUser_is_tried_again_and_then_judges()
    {
        var failures = 10;
        var workflow = Script(new Dictionary<string, string[]> { ["name"] = ["is too long"] }, activity => activity == "ValidateUserActivity" && failures-- > 0);
        Assert.Equal(RegistrationStatus.Rejected, (await RunAsync(workflow)).Status);
        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 300], workflow.Pauses.Select(pause => pause.TotalSeconds));
        Assert.Equal("SendValidationErrorActivity", workflow.Calls[^1]);
    }

    [Theory]
    [InlineData("ValidateUserActivity", 100)]
    [InlineData("CreateUserActivity", 2)]
    public async Task When_an_activity_has_failed_for_hours_the_tries_go_on_in_a_new_history(string broken, int calls)
    {
        var workflow = Script(errors: null, activity => activity == broken);
        Assert.Equal(RegistrationStatus.Running, (await RunAsync(workflow)).Status);
        Assert.Equal((Given, calls), (workflow.ContinuedWith, workflow.Calls.Count));
    }

    private static Task<RegistrationResult> RunAsync(ScriptedWorkflow workflow) => new UserRegistration().RunAsync(workflow, Given);

    /// <summary>ValidateUser fails as the worker reports it.</summary>
    private ScriptedWorkflow Script(IReadOnlyDictionary<string, string[]>? errors, Func<string, bool>? isBroken = null) => new((activity, input) =>
    {
        if (isBroken?.Invoke(activity) is true) return null;
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
