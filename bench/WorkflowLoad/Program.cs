using System.CommandLine;
using Quayside.Bench.WorkflowLoad;

var dapr = new Option<string>("--dapr") { Description = "the runtime's start script", DefaultValueFactory = _ => "./dapr" };
var count = new Option<int>("--count") { Description = "how many workflows", DefaultValueFactory = _ => 50_000 };
var concurrency = new Option<int>("--concurrency") { Description = "workflows under way at once", DefaultValueFactory = _ => 200 };

var chains = new Command("chains", "Runs workflows of five no-op activities, one after another, and says how fast it went and what it cost.") { dapr, count, concurrency };
chains.SetAction((parsed, cancellation) => ChainLoad.RunAsync(parsed.GetValue(dapr)!, parsed.GetValue(count), parsed.GetValue(concurrency), cancellation));

var waiting = new Command("waiting", "Starts workflows of which half wait for a timer and half for an event, and says what that costs.") { dapr, count, concurrency };
waiting.SetAction((parsed, cancellation) => WaitingLoad.RunAsync(parsed.GetValue(dapr)!, parsed.GetValue(count), parsed.GetValue(concurrency), cancellation));

var worker = new Command("worker") { Hidden = true };
worker.SetAction((_, cancellation) => Workflows.ServeAsync(cancellation));

return await new RootCommand("Load on the workflow engine: runtime, worker and client in a process each, durable (synchronous=NORMAL).") { chains, waiting, worker }.Parse(args).InvokeAsync();
