using LocalDapr.Protocol.TaskHub;
using Quayside.Contracts.Outside;
using Quayside.Workflows.OrderSaga;

namespace Quayside.Services.Tests.Sagas;

/// <summary>An older copy of the orders' store is restored, and does not know an order whose saga is at work.</summary>
public sealed class LostOrderTests(SagaHouse house) : IClassFixture<SagaHouse>
{
    [Theory]
    [InlineData(nameof(ChargeCardActivity))]
    [InlineData(nameof(CreateShipmentActivity))]
    public async Task Before_the_pivot_all_that_was_done_for_it_is_undone(string activity)
    {
        var stock = await house.StockAsync();
        var order = await LoseBeforeAsync(activity);
        Assert.Equal(0, await house.HeldAsync(order));
        Assert.NotEqual(CarrierEntryState.Accepted, await house.ParcelAsync(order));
        Assert.Equal(stock, await house.StockAsync());
    }

    [Fact]
    public async Task After_the_pivot_the_saga_ends_and_leaves_it_to_the_books_to_name_the_order()
    {
        var stock = await house.StockAsync();
        var order = await LoseBeforeAsync(nameof(CommitStockActivity));
        Assert.Equal(SagaHouse.Price, await house.HeldAsync(order));
        Assert.Equal(CarrierEntryState.Accepted, await house.ParcelAsync(order));
        Assert.Equal(stock with { OnHand = stock.OnHand - 1, Shipped = stock.Shipped + 1 }, await house.StockAsync());
    }

    private async Task<string> LoseBeforeAsync(string activity)
    {
        var order = await house.PlaceAsync(1, "tok_ok", "20457");
        await using var run = await SagaRun.StartAsync(house, order);
        house.Sidecar.BeforeCall = async (_, _) =>
        {
            if (run.Activity == activity) await house.LoseAsync(order);
        };
        try
        {
            await run.WorkAsync(() => run.Status?.NeedsAttention == true);
        }
        finally
        {
            house.Sidecar.BeforeCall = (_, _) => Task.CompletedTask;
        }
        Assert.Equal(OrchestrationStatus.Completed, run.State.WorkflowStatus);
        return order;
    }
}
