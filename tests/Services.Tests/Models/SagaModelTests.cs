using FsCheck;
using FsCheck.Fluent;
using Quayside.Contracts.Orders;
using Quayside.Saga;
using Quayside.Services.Tests.Orders;
using Quayside.Workflows.OrderSaga;

namespace Quayside.Services.Tests.Models;

public sealed class SagaModelTests
{
    private static readonly Gen<Chance> AnyChance = Gen.Frequency(
        (8, Gen.Constant(Chance.Works)), (2, Gen.Constant(Chance.FailsBefore)), (2, Gen.Constant(Chance.FailsBetween)), (2, Gen.Constant(Chance.FailsAfter)), (1, Gen.Constant(Chance.IsRefused)));

    private static readonly Gen<Meddling> AnyMeddling = Gen.Frequency(
        (20, Gen.Constant(Meddling.Nothing)), (1, Gen.Constant(Meddling.Cancels)), (2, Gen.Constant(Meddling.Approves)), (1, Gen.Constant(Meddling.Rejects)), (2, Gen.Constant(Meddling.Waits)));

    private static readonly Arbitrary<(bool NeedsApproval, Chance[] Chances, Meddling[] Meddlings)> Any = Arb.From(
        from needsApproval in Gen.Elements(false, false, true)
        from chances in Gen.Choose(0, 30).SelectMany(AnyChance.ArrayOf)
        from meddlings in Gen.Choose(0, 30).SelectMany(AnyMeddling.ArrayOf)
        select (needsApproval, chances, meddlings), Shrink);

    [Fact]
    public Task However_a_saga_goes_its_order_ends_shipped_with_all_done_or_cancelled_with_nothing_held() => Task.Run(() =>
    {
        var endings = new Dictionary<string, int>();
        Runs.Of(2_000, Any, async course =>
        {
            var world = new SagaWorld(course.NeedsApproval);
            var workflow = new SagaWalk(world, course.Chances, course.Meddlings);
            try
            {
                var result = await new OrderSaga().RunAsync(workflow, new OrderSagaInput("o"));
                Judge(world, result);
            }
            catch (Exception failure)
            {
                throw new Xunit.Sdk.XunitException($"{string.Join('\n', world.Story)}\n{failure.Message}", failure);
            }

            var ending = world.Order.CancelReason ?? "shipped";
            endings[ending] = endings.GetValueOrDefault(ending) + 1;
        });
        Assert.Superset(
            new HashSet<string> { "shipped", "refused", OrderReasons.Exhausted, OrderReasons.CustomerCancelled, OrderReasons.ApprovalRejected, OrderReasons.ApprovalExpired, OrderReasons.Deadline },
            endings.Keys.ToHashSet());
    });

    /// <summary>Its participants remember what the order has lost.</summary>
    [Fact]
    public Task An_order_of_which_an_older_copy_is_restored_ends_again_as_it_had_ended() => Task.Run(() =>
    {
        var restored = 0;
        Runs.Of(500, Any, async course =>
        {
            var world = new SagaWorld(needsApproval: false);
            await new OrderSaga().RunAsync(new SagaWalk(world, course.Chances, course.Meddlings), new OrderSagaInput("o"));
            var ending = world.Order.Status;
            foreach (var events in world.Commits.Distinct().Reverse().ToArray())
            {
                world.Restore(events);
                await new OrderSaga().RunAsync(new SagaWalk(world, [], []), new OrderSagaInput("o"));
                Assert.True(ending == world.Order.Status, string.Join('\n', world.Story));
                Assert.Equal(ending == OrderStatus.Shipped ? Enum.GetValues<OrderStep>() : [], world.Standing.Order());
                OrderHistory.MustHold(world.History);
                restored++;
            }
        });
        Assert.True(restored > 1_000, $"{restored}");
    });

    private static void Judge(SagaWorld world, SagaResult result)
    {
        var order = world.Order;
        Assert.True(order.IsFinal, $"the order ends {order.Status}");
        Assert.Equal(order.Status == OrderStatus.Shipped, result.Completed);
        Assert.Equal(result.Reason, order.CancelReason);
        Assert.Equal(order.Status == OrderStatus.Shipped ? Enum.GetValues<OrderStep>() : [], world.Standing.Order());
        Assert.False(order is { CancellationRequested: true, Status: OrderStatus.Shipped });
        Assert.False(order is { Approval: ApprovalState.Awaited or ApprovalState.Rejected or ApprovalState.Expired, Status: OrderStatus.Shipped });
        OrderHistory.MustHold(world.History);
    }

    private static IEnumerable<(bool NeedsApproval, Chance[] Chances, Meddling[] Meddlings)> Shrink((bool NeedsApproval, Chance[] Chances, Meddling[] Meddlings) course)
    {
        if (course.NeedsApproval) yield return course with { NeedsApproval = false };
        for (var at = 0; at < course.Chances.Length; at++) yield return course with { Chances = [.. course.Chances[..at], .. course.Chances[(at + 1)..]] };
        for (var at = 0; at < course.Meddlings.Length; at++) yield return course with { Meddlings = [.. course.Meddlings[..at], .. course.Meddlings[(at + 1)..]] };
        for (var at = 0; at < course.Chances.Length; at++)
        {
            if (course.Chances[at] != Chance.Works) yield return course with { Chances = [.. course.Chances[..at], Chance.Works, .. course.Chances[(at + 1)..]] };
        }

        for (var at = 0; at < course.Meddlings.Length; at++)
        {
            if (course.Meddlings[at] != Meddling.Nothing) yield return course with { Meddlings = [.. course.Meddlings[..at], Meddling.Nothing, .. course.Meddlings[(at + 1)..]] };
        }
    }
}
