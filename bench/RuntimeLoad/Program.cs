using System.CommandLine;
using Quayside.Bench.RuntimeLoad;

var dapr = new Option<string>("--dapr") { Description = "the runtime's start script", DefaultValueFactory = _ => "./dapr" };
var seconds = new Option<int>("--seconds") { Description = "of each measurement; each is taken three times, by turns", DefaultValueFactory = _ => 5 };
var backends = new Option<string>("--backends") { Description = "embedded (durable, synchronous=NORMAL) or declared (in memory)", DefaultValueFactory = _ => "embedded" }.AcceptOnlyFromAmong("embedded", "declared");

var calls = new Command("calls", "Invocation, state and pub/sub through one runtime, each beside the bare call to the app in the same run.") { dapr, seconds, backends };
calls.SetAction((parsed, cancellation) => Calls.RunAsync(parsed.GetValue(dapr)!, parsed.GetValue(backends)!, TimeSpan.FromSeconds(parsed.GetValue(seconds)), cancellation));

var idle = new Command("idle", "The memory of a runtime with ten apps and nothing to do, and how long it takes to start.") { dapr };
idle.SetAction((parsed, cancellation) => Idle.RunAsync(parsed.GetValue(dapr)!, cancellation));

var app = new Command("app") { Hidden = true };
app.SetAction((_, cancellation) => EchoApp.ServeAsync(cancellation));

return await new RootCommand("What the local runtime costs: client, runtime and app in a process each.") { calls, idle, app }.Parse(args).InvokeAsync();
