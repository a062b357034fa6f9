using Quayside.Workflows;

await WorkflowsApp.Create(args).RunAsync();
