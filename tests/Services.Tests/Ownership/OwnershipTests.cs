using FsCheck;
using Quayside.Services.Tests.Models;

namespace Quayside.Services.Tests.Ownership;

/// <summary>Whatever two customers and a stranger ask, in whatever order, nobody reads or changes what belongs to another.</summary>
public sealed class OwnershipTests : IAsyncLifetime
{
    private static readonly Arbitrary<Move[]> Any = Move.Sequences(actors: 3, OwnershipWalk.Commands, choices: 4, length: 40);

    private AccountsHouse house = null!;

    public async ValueTask InitializeAsync() => house = await AccountsHouse.StartAsync();

    public ValueTask DisposeAsync() => house.DisposeAsync();

    [Fact]
    public Task No_sequence_of_requests_shows_or_changes_what_belongs_to_another() => Task.Run(() =>
        Runs.Of(60, Any, moves => new OwnershipWalk(house).RunAsync(moves)));
}
