using Quayside.Outside;

await OutsideApp.Create(args).RunAsync();
