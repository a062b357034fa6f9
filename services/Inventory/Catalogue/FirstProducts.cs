using Quayside.Contracts;

namespace Quayside.Inventory.Catalogue;

/// <summary>What the shop sells at first start; prices in euro cents.</summary>
internal static class FirstProducts
{
    public static IReadOnlyList<Product> All { get; } =
    [
        Product("p-01", "Enamel mug", 12_90),
        Product("p-02", "Wool blanket", 79_00),
        Product("p-03", "Storm lantern", 45_50),
        Product("p-04", "Oilskin jacket", 189_00),
        Product("p-05", "Canvas duffel", 94_90),
        Product("p-06", "Brass compass", 64_00),
        Product("p-07", "Deck shoes", 109_00),
        Product("p-08", "Rope, 20 m", 24_50),
        Product("p-09", "Rigging knife", 38_00),
        Product("p-10", "Fisherman sweater", 129_00),
        Product("p-11", "Wax cotton hat", 34_90),
        Product("p-12", "Tin kettle", 42_00),
        Product("p-13", "Chart of the bay", 18_00),
        Product("p-14", "Binoculars 7x50", 249_00),
        Product("p-15", "Ship's bell", 59_00),
        Product("p-16", "Signal flags", 72_50),
        Product("p-17", "Folding stool", 31_00),
        Product("p-18", "Cork float", 4_50),
        Product("p-19", "Sea salt, 500 g", 6_20),
        Product("p-20", "Harbour print", 27_00),
    ];

    private static Product Product(string productId, string name, long cents) => new(productId, name, Money.Euro(cents));
}
