using Quayside.Payments;

await PaymentsApp.Create(args).RunAsync();
