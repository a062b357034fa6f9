namespace Quayside.House.Tests;

/// <summary>A house shared by the tests of a class.</summary>
public abstract class HouseFixture(params string[] arguments) : IAsyncLifetime
{
    private House? house;
    private Shopper? demo;
    private Shopper? admin;

    public House House => house!;

    public Shopper Demo => demo!;

    public Shopper Admin => admin!;

    public async ValueTask InitializeAsync()
    {
        house = await House.StartAsync(arguments);
        demo = await Shopper.DemoAsync(house);
        admin = await Shopper.AdminAsync(house);
    }

    public async ValueTask DisposeAsync()
    {
        if (house is not null)
            await house.DisposeAsync();
    }
}

public sealed class KindHouse() : HouseFixture;

/// <summary>Events come twice, late, out of order, and some acknowledgements are lost.</summary>
public sealed class UnkindHouse() : HouseFixture("--embedded-faults", "duplicate,reorder,delay,ack-lost");
