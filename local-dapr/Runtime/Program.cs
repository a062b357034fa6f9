return await LocalDapr.Runtime.Cli.DaprCommand.RunAsync(args);
