using Quayside.Shipping;

await ShippingApp.Create(args).RunAsync();
