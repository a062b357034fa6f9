using System.CommandLine;
using LocalDapr.Runtime.Cli.Run;

namespace LocalDapr.Runtime.Cli;

/// <summary><c>dapr list</c>, <c>dapr stop</c> and <c>dapr reset</c>: what runs on this folder's data, ending it, wiping it.</summary>
internal static class HouseCommands
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    /// <summary>The data folder of the runtime that a command is for.</summary>
    public static readonly Option<string> DataDir = new("--data-dir") { Description = "data folder", DefaultValueFactory = _ => DataFolder.Default(Directory.GetCurrentDirectory()), Recursive = true };

    public static IEnumerable<Command> Create()
    {
        yield return Make("list", "Lists the apps that run on this folder's data.", (parsed, _) => Task.FromResult(List(parsed.GetValue(DataDir)!)));
        yield return Make("stop", "Stops the runtime of this folder and its apps.", (parsed, cancellation) => StopAsync(parsed.GetValue(DataDir)!, cancellation));
        yield return Make("reset", "Wipes this folder's data: state, events, workflows and the apps' own files.", (parsed, _) => Task.FromResult(Reset(parsed.GetValue(DataDir)!)));
    }

    private static Command Make(string name, string description, Func<ParseResult, CancellationToken, Task<int>> action)
    {
        var command = new Command(name, description);
        command.Options.Add(DataDir);
        command.SetAction(action);
        return command;
    }

    private static int List(string folder)
    {
        using var process = RunState.Read(folder) is { } state ? state.Runtime.Find() : null;
        Console.Out.WriteLine(process is null ? "nothing runs here" : AppTable.Render(RunState.Read(folder)!.Apps));
        return 0;
    }

    private static async Task<int> StopAsync(string folder, CancellationToken cancellation)
    {
        using var process = RunState.Read(folder)?.Runtime.Find();
        if (process is null)
        {
            await Console.Out.WriteLineAsync("nothing runs here");
            return 0;
        }
        AppProcess.Terminate(process);
        await process.WaitForExitAsync(cancellation).WaitAsync(StopLimit, cancellation);
        return 0;
    }

    private static int Reset(string folder)
    {
        if (!Directory.Exists(folder))
            return 0;
        using (var process = RunState.Read(folder)?.Runtime.Find())
        {
            if (process is not null)
                throw new IOException($"{folder} is in use by process {process.Id}. Stop it first with `./dapr stop`.");
        }
        Directory.Delete(folder, recursive: true);
        Console.Out.WriteLine($"wiped {folder}");
        return 0;
    }
}
