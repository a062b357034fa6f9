using Quayside.Users;

await using var app = UsersApp.Build(args);
await app.RunAsync();
