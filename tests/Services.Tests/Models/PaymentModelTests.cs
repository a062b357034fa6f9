using FsCheck;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Quayside.Outside;
using Quayside.Outside.Ledgers;
using Quayside.Payments;

namespace Quayside.Services.Tests.Models;

public sealed class PaymentModelTests : IAsyncLifetime
{
    private static readonly Arbitrary<Move[]> Any = Move.Sequences(actors: 4, PaymentWalk.Commands, choices: 2, length: 40);

    private ParticipantHouse house = null!;
    private WebApplication outside = null!;

    public async ValueTask InitializeAsync()
    {
        house = await ParticipantHouse.StartAsync("payments-store", "payment-", orders: 2, ["one", "two", "three"], PaymentsApp.Create);
        outside = await house.RunAsync([], ["bank", "carrier", "outside"], OutsideApp.Create);
    }

    public ValueTask DisposeAsync() => house.DisposeAsync();

    [Fact]
    public Task However_charges_and_refunds_interleave_and_fail_no_money_is_taken_twice_or_kept() => Task.Run(() =>
        Runs.Of(100, Any, moves => Walk().RunAsync(moves)));

    [Fact]
    public Task The_same_moves_make_the_same_walk() => Task.Run(() => Runs.OfTheSameMoves(Any, Walk));

    private PaymentWalk Walk() => new(house, outside.Services.GetRequiredService<Ledger>());
}
