using Dapr.Workflow;
using Quayside.Contracts.Registrations;
using Quayside.Patterns.Tests.Saga;
using Quayside.Workflows.UserRegistration;

namespace Quayside.Services.Tests.Workflows;

public sealed class UserRegistrationTests
{
    private static readonly RegistrationState Given = new("registration-1", " ada@example.test ", " Ada ");
    private static readonly RegisteredUser Owner = new("registration-1", "user-1", "Ada@example.test", "Ada Lovelace", AlreadyRegistered: true);

    private readonly List<object?> inputs = [];

    [Fact]
    public async Task The_states_follow_each_other_and_the_mail_receives_the_created_user_alone()
    {
        var workflow = Script();
        Assert.Equal(new RegistrationResult(RegistrationStatus.Completed), await RunAsync(workflow));
        Assert.Equal(["ValidateUserActivity", "CreateUserActivity", "SendWelcomeEmailActivity"], workflow.Calls);
        Assert.Equal([Given, Given with { Email = "ada@example.test", Name = "Ada" }, Owner], inputs);
    }

    [Theory]
    [InlineData("ada.example.test", "Ada", "email")]
    [InlineData("ada@localhost", "Ada", "email")]
    [InlineData("ada@example..test", "Ada", "email")]
    [InlineData("ada eve@example.test", "Ada", "email")]
    [InlineData("ada@example.test\nBcc: eve@example.test", "Ada", "email")]
    [InlineData("", "Ada", "email")]
    [InlineData("ada@example.test", " ", "name")]
    [InlineData("ada@example.test", "A\u0007da", "name")]
    [InlineData("ada@", "", "email name")]
    public async Task A_field_that_breaks_a_rule_leads_to_the_mail_and_to_rejected_with_the_errors(string email, string name, string fields)
    {
        var workflow = Script();
        var result = await RunAsync(workflow, new("registration-1", email, name));
        Assert.Equal((RegistrationStatus.Rejected, fields), (result.Status, string.Join(' ', result.Errors!.Keys)));
        Assert.Equal(["ValidateUserActivity", "SendValidationErrorActivity"], workflow.Calls);
        var told = Assert.IsType<RejectedRegistration>(inputs[1]);
        Assert.Equal((email, result.Errors), (told.Email, told.Errors));
    }

    [Theory]
    [InlineData("a name of 100", 100, true)]
    [InlineData("a name of 101", 101, false)]
    public async Task A_name_has_at_most_a_hundred_characters(string begin, int length, bool isValid)
    {
        var result = await RunAsync(Script(), Given with { Name = begin.PadRight(length, '.') });
        Assert.Equal(isValid ? RegistrationStatus.Completed : RegistrationStatus.Rejected, result.Status);
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

    private static Task<RegistrationResult> RunAsync(ScriptedWorkflow workflow, RegistrationState? given = null) => new UserRegistration().RunAsync(workflow, given ?? Given);

    /// <summary>ValidateUser is the real one, its failure as the worker reports it.</summary>
    private ScriptedWorkflow Script() => new((activity, input) =>
    {
        inputs.Add(input);
        return activity switch
        {
            "ValidateUserActivity" => Validate((RegistrationState)input!),
            "CreateUserActivity" => Owner,
            _ => true,
        };
    });

    private static RegistrationState Validate(RegistrationState state)
    {
        try
        {
            return new ValidateUserActivity().RunAsync(null!, state).GetAwaiter().GetResult();
        }
        catch (ValidationError refused)
        {
            throw new WorkflowTaskFailedException("Task failed", new WorkflowTaskFailureDetails(refused.GetType().FullName!, refused.Message));
        }
    }
}
