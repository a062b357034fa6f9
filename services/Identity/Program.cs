using Quayside.Identity;

await using var app = IdentityApp.Build(args);
await app.RunAsync();
