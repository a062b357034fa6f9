using System.CommandLine;
using Quayside.Bench.TokenLoad;

var tokens = new Option<int>("--tokens") { Description = "different tokens, each validated for the first time and then from memory", DefaultValueFactory = _ => 5_000 };
var hashes = new Option<int>("--hashes") { Description = "passwords that are hashed", DefaultValueFactory = _ => 20 };

var root = new RootCommand("What a service pays for an access token, and Identity for a password.") { tokens, hashes };
root.SetAction((parsed, _) => Costs.RunAsync(parsed.GetValue(tokens), parsed.GetValue(hashes)));
return await root.Parse(args).InvokeAsync();
