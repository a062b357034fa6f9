using Quayside.Orders;

await OrdersApp.Create(args).RunAsync();
