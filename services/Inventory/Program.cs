using Quayside.Inventory;

await InventoryApp.Create(args).RunAsync();
