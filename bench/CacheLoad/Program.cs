using System.CommandLine;
using Quayside.Bench.CacheLoad;

var dapr = new Option<string>("--dapr") { Description = "the runtime's start script", DefaultValueFactory = _ => "./dapr" };
var hits = new Option<int>("--hits") { Description = "reads of the second level, and as many plain reads of the same store", DefaultValueFactory = _ => 20_000 };

var root = new RootCommand("What a hit costs in each level, beside what it is made of, in one run.") { dapr, hits };
root.SetAction((parsed, cancellation) => Levels.RunAsync(parsed.GetValue(dapr)!, parsed.GetValue(hits), cancellation));
return await root.Parse(args).InvokeAsync();
