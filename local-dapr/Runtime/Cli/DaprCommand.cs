using System.CommandLine;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.Cli;

/// <summary>The command line: <c>./dapr COMMAND ...</c>. Exit code 0 = done, 1 = failed with one line on stderr, 2 = not understood.</summary>
public static class DaprCommand
{
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Runs Dapr apps with the local Dapr runtime: no servers, no containers.");
        root.Subcommands.Add(RunCommand.Create());
        foreach (var command in HouseCommands.Create().Concat(CallCommands.Create()))
            root.Subcommands.Add(command);
        root.Subcommands.Add(WorkflowCommands.Create());
        root.Subcommands.Add(SidecarCommand.Create());
        var parsed = root.Parse(args is ["sidecar", ..] ? [.. args.SelectMany(GoFlag)] : args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                await Console.Error.WriteLineAsync(error.Message);
            return 2;
        }
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception failure) when (failure is ResourceException or PortTakenException or IOException)
        {
            await Console.Error.WriteLineAsync(failure.Message);
            return 1;
        }
    }

    /// <summary>daprd takes its long flags with one dash too, and <c>--flag=</c> for an empty value, which here would be the next argument.</summary>
    private static string[] GoFlag(string argument)
    {
        if (argument.Length > 2 && argument[0] == '-' && char.IsLetter(argument[1]))
            argument = "-" + argument;
        return argument.StartsWith("--", StringComparison.Ordinal) && argument.IndexOf('=', StringComparison.Ordinal) == argument.Length - 1 ? [argument[..^1], ""] : [argument];
    }
}
