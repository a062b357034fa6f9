using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography;
using Dapr.Workflow;
using Quayside.Saga;
using Quayside.Workflows;

namespace Quayside.Services.Tests.Workflows;

/// <summary>A workflow is replayed: whatever it reads besides its history would differ the second time.</summary>
public sealed class DeterminismTests
{
    private static readonly Type[] ForbiddenTypes =
    [
        typeof(Random), typeof(RandomNumberGenerator), typeof(Stopwatch), typeof(Environment), typeof(TimeProvider), typeof(Thread), typeof(ThreadPool),
        typeof(Timer), typeof(PeriodicTimer), typeof(Parallel), typeof(TaskFactory), typeof(File), typeof(Directory), typeof(HttpClient), typeof(Console),
        typeof(SemaphoreSlim), typeof(Activator),
    ];

    private static readonly string[] ForbiddenMembers =
    [
        "DateTime.get_Now", "DateTime.get_UtcNow", "DateTime.get_Today", "DateTimeOffset.get_Now", "DateTimeOffset.get_UtcNow",
        "Guid.NewGuid", "Guid.CreateVersion7", "Task.Delay", "Task.Run", "Task.get_Factory", "Task.Wait", "Task.ConfigureAwait", "Task`1.ConfigureAwait",
    ];

    public static TheoryData<Type> WorkflowClasses => new(typeof(WorkflowsApp).Assembly.GetTypes()
        .Where(type => !type.IsAbstract && type.IsAssignableTo(typeof(IWorkflow))));

    [Theory]
    [MemberData(nameof(WorkflowClasses))]
    public void A_workflow_reaches_no_clock_no_chance_and_no_outside(Type workflow)
    {
        var reach = new CodeReach(typeof(WorkflowsApp).Assembly, typeof(SagaRunner<>).Assembly).From(workflow);
        Assert.Contains(reach.Outside, member => member.DeclaringType == typeof(WorkflowContext));
        Assert.Empty(Forbidden(reach));
    }

    [Theory]
    [MemberData(nameof(WorkflowClasses))]
    public void A_workflow_is_a_public_top_level_class_without_constructor_parameters(Type workflow)
    {
        Assert.True(workflow is { IsPublic: true, IsNested: false, IsGenericType: false });
        Assert.Empty(Assert.Single(workflow.GetConstructors()).GetParameters());
    }

    [Fact]
    public void There_is_a_workflow_to_look_at() => Assert.Contains(typeof(Quayside.Workflows.OrderSaga.OrderSaga), WorkflowClasses.Select(row => row.Data));

    [Theory]
    [InlineData(typeof(ReadsTheClock), "DateTime.get_UtcNow")]
    [InlineData(typeof(RollsDice), "Random.Next")]
    [InlineData(typeof(Sleeps), "Task.Delay")]
    [InlineData(typeof(HidesItInAClosure), "Guid.NewGuid")]
    public void The_search_finds_what_it_looks_for(Type offender, string expected) =>
        Assert.Contains(expected, Forbidden(new CodeReach(offender.Assembly).From(offender)));

    private static IEnumerable<string> Forbidden(CodeReach reach) => reach.Outside
        .Where(member => ForbiddenTypes.Any(type => type.IsAssignableFrom(member.DeclaringType)) || ForbiddenMembers.Contains(Name(member)))
        .Select(Name);

    private static string Name(MemberInfo member) => $"{member.DeclaringType?.Name}.{member.Name}";

    private sealed class ReadsTheClock
    {
        public static async Task<DateTime> RunAsync()
        {
            await Task.Yield();
            return DateTime.UtcNow;
        }
    }

    private sealed class RollsDice
    {
        public static int Run() => Dice.Roll();

        private static class Dice
        {
            public static int Roll() => new Random().Next(6);
        }
    }

    private sealed class Sleeps
    {
        public static async Task RunAsync() => await Task.Delay(1);
    }

    private sealed class HidesItInAClosure
    {
        public static IEnumerable<string> Run(int seed) => Enumerable.Range(0, 3).Select(number => $"{seed}{number}{Guid.NewGuid()}");
    }
}
