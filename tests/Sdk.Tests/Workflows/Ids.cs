using Dapr.Workflow;
using Dapr.Workflow.Worker;

namespace LocalDapr.Sdk.Tests.Workflows;

/// <summary>Vectors of the official SDK: instances in flight must survive a change of packages.</summary>
public class Ids
{
    private static readonly Guid Namespace = DeterministicGuid.Namespace("order-1", "exec-1");

    [Theory]
    [InlineData("order-1_0", "66d04fa4-a38e-5887-82cc-250f05b794c6")]
    [InlineData("order-1_1", "07dcbfbc-5fe5-5978-9139-28b69fe883b2")]
    [InlineData("order-1_2", "8fdc4f79-f3f6-50a8-aa4d-a3a0a8b0cf8d")]
    [InlineData("order-1|activity|0|Act", "369aa1d5848b546888b089daf10f4eac")]
    [InlineData("order-1|activity|1|Act", "bde0478959c45aebb8ce4364b7ad8467")]
    [InlineData("order-1|activity|0|A", "4aac7020ddf95e3e8fa7fdc9a52b8e86")]
    [InlineData("order-1|activity|2|A", "67fd19a1bb9353e0957250238daefd67")]
    public void Names_give_the_known_ids(string name, string expected) => Assert.Equal(Guid.Parse(expected), DeterministicGuid.Create(Namespace, name));

    [Fact]
    public void The_namespace_comes_from_the_execution_or_the_instance_or_is_a_guid_itself()
    {
        Assert.Equal(Guid.Parse("2709d86d-7fd0-5da3-8b75-8c773accee42"), Namespace);
        Assert.Equal(DeterministicGuid.Namespace("x", "order-1"), DeterministicGuid.Namespace("order-1", " "));
        Assert.Equal(Guid.Parse("8fdc4f79-f3f6-50a8-aa4d-a3a0a8b0cf8d"), DeterministicGuid.Namespace("order-1", "8fdc4f79-f3f6-50a8-aa4d-a3a0a8b0cf8d"));
    }

    [Fact]
    public async Task A_workflow_sees_them_in_every_replay()
    {
        var engine = ScriptedEngine.For<object?, string>(async (context, _) =>
        {
            var first = context.NewGuid();
            await context.CallActivityAsync("Act");
            return $"{first} {context.NewGuid()}";
        });

        var one = await engine.StartAsync();
        Assert.Equal("369aa1d5848b546888b089daf10f4eac", one.Actions.Single().ScheduleTask.TaskExecutionId);
        var two = await engine.TurnAsync(ScriptedEngine.Done(0));

        Assert.Equal("\"66d04fa4-a38e-5887-82cc-250f05b794c6 07dcbfbc-5fe5-5978-9139-28b69fe883b2\"", two.Actions.Single().CompleteWorkflow.Result);
    }
}
