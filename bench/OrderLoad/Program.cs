using System.CommandLine;
using Quayside.Bench.OrderLoad;

var gateway = new Option<Uri>("--gateway") { Description = "where the house is", DefaultValueFactory = _ => new Uri("http://localhost:8080") };
var orders = new Option<int>("--orders") { Description = "how many orders to place", DefaultValueFactory = _ => 1000 };
var concurrency = new Option<int>("--concurrency") { Description = "clients placing at once", DefaultValueFactory = _ => 16 };
var rate = new Option<double>("--rate") { Description = "orders a second offered; 0 = as fast as the clients can" };
var giveUp = new Option<bool>("--give-up") { Description = "an order that is refused is not sent again: what is offered stays the same however busy the house is" };
var data = new Option<string>("--data-dir") { Description = "the house's data folder, for CPU and memory by process", DefaultValueFactory = _ => ".dapr/local" };

var root = new RootCommand("Places orders through the gateway, waits until each is final, checks the books, and says how fast it went and what it cost.") { gateway, orders, concurrency, rate, giveUp, data };
root.SetAction(async (parsed, cancellation) =>
{
    using var shop = await Shop.SignInAsync(parsed.GetValue(gateway)!, cancellation);
    var processes = new HouseProcesses(parsed.GetValue(data)!);
    var run = await LoadRun.RunAsync(shop, parsed.GetValue(orders), parsed.GetValue(concurrency), parsed.GetValue(rate), parsed.GetValue(giveUp), processes, cancellation);
    run.Print(Console.Out);
    return run.IsBalanced ? 0 : 1;
});
return await root.Parse(args).InvokeAsync();
