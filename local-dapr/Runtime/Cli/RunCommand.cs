using System.CommandLine;
using LocalDapr.Runtime.Cli.Run;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Storage;

namespace LocalDapr.Runtime.Cli;

/// <summary><c>dapr run -f FILE|FOLDER</c> and <c>dapr run --app-id X -- COMMAND</c>.</summary>
internal static class RunCommand
{
    private static readonly Option<string?> File = new("--run-file", "-f") { Description = "multi-app run file, or the folder that holds dapr.yaml" };
    private static readonly Option<Backends> BackendsOption = new("--backends") { Description = "embedded: every component by the built-in engine; declared: as written", DefaultValueFactory = _ => Backends.Embedded };
    private static readonly Option<Durability> Synchronous = new("--synchronous") { Description = "normal survives kill -9, full also power loss", DefaultValueFactory = _ => Durability.Normal };
    private static readonly Option<bool> Ephemeral = new("--ephemeral") { Description = "keep nothing: all data in a temporary folder" };
    private static readonly Option<string?> Faults = new("--embedded-faults") { Description = "be as unkind as real brokers: duplicate,reorder,delay,ack-lost" };
    private static readonly Option<bool> NoRestart = new("--no-restart") { Description = "leave a dead app dead, as the real CLI does" };
    private static readonly Option<string?> DataDir = new("--data-dir") { Description = "data folder (default: .dapr/local beside the run file)" };
    private static readonly AppOptions App = new();
    private static readonly Argument<string[]> Program = new("command") { Description = "the app's command, behind --", Arity = ArgumentArity.ZeroOrMore };

    public static Command Create()
    {
        var command = new Command("run", "Runs apps, each with a sidecar: all of a run file, or one by flags.");
        foreach (var option in new Option[] { File, BackendsOption, Synchronous, Ephemeral, Faults, NoRestart, DataDir }.Concat(App.All))
            command.Options.Add(option);
        command.Arguments.Add(Program);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var file = parsed.GetValue(File) is { } path ? RunFile.Load(path) : App.Read(parsed, parsed.GetValue(Program) ?? []);
        Preflight.Check(file, parsed.GetValue(BackendsOption));
        using var stop = new StopSignals();
        using var console = new RunConsole();
        var folder = parsed.GetValue(DataDir) ?? DataFolder.Default(file.Folder);
        using var data = parsed.GetValue(Ephemeral) ? DataFolder.Temporary() : DataFolder.TryOpen(folder);
        using var starting = new CancellationTokenSource();
        var stopped = stop.Requested.ContinueWith(_ => starting.Cancel(), TaskScheduler.Default);
        try
        {
            if (data is null)
                return await JoinAsync(parsed, file, folder, console, stop, starting.Token);
            if (RunState.Read(data.Path) is { } earlier)
                await earlier.EndLeftoversAsync(console.Say);
            new RunState(RecordedProcess.Current, []).Write(data.Path);
            if (!await BuildStep.RunAsync(file, console.Say, starting.Token))
                return 1;
            var settings = new RunSettings
            {
                Backends = parsed.GetValue(BackendsOption),
                Durability = parsed.GetValue(Ephemeral) ? Durability.Off : parsed.GetValue(Synchronous),
                Faults = ReadFaults(parsed.GetValue(Faults)),
                Restart = !parsed.GetValue(NoRestart),
            };
            console.Say($"starting {Count(file)}");
            await using var session = await RunSession.StartAsync(file, settings, data, console, starting.Token);
            await session.WaitUntilReadyAsync(starting.Token);
            console.Say(AppTable.Render(session.Apps));
            console.Say("Ctrl-C stops all.");
            await stop.Requested;
            console.Say("stopping");
            return 0;
        }
        catch (OperationCanceledException) when (starting.IsCancellationRequested)
        {
            return 0;
        }
        finally
        {
            console.Say("stopped");
        }
    }

    /// <summary>Another run holds the data folder: its runtime takes these apps in.</summary>
    private static async Task<int> JoinAsync(ParseResult parsed, RunFile file, string folder, RunConsole console, StopSignals stop, CancellationToken starting)
    {
        if (RunState.Read(folder)?.Runtime is not { } runtime)
            throw new IOException($"{folder} is in use by a sidecar. Stop it, or choose another folder with --data-dir.");
        var theirs = new Option[] { BackendsOption, Synchronous, Faults }.Where(option => parsed.GetResult(option) is { Implicit: false }).Select(option => option.Name).ToArray();
        if (theirs.Length > 0)
            throw new IOException($"process {runtime.Pid} runs on {folder}, and these apps join it: {string.Join(", ", theirs)} cannot be chosen any more.");
        if (!await BuildStep.RunAsync(file, console.Say, starting))
            return 1;
        console.Say($"{Count(file)} join{(file.Apps.Count == 1 ? "s" : "")} the runtime of process {runtime.Pid}");
        await using var run = await JoinedRun.StartAsync(file, folder, console, restart: !parsed.GetValue(NoRestart), starting);
        await Task.WhenAny(run.Ready, run.Ended).WaitAsync(starting);
        if (!run.Ended.IsCompleted)
        {
            console.Say(AppTable.Render(run.Apps));
            console.Say("Ctrl-C stops these.");
        }
        if (await Task.WhenAny(stop.Requested, run.Ended) == run.Ended)
            console.Say($"the runtime of process {runtime.Pid} has ended");
        console.Say("stopping");
        return 0;
    }

    private static string Count(RunFile file) => $"{file.Apps.Count} app{(file.Apps.Count == 1 ? "" : "s")}";

    /// <summary>A comma list.</summary>
    /// <exception cref="IOException">A word of it is not known.</exception>
    public static EmbeddedFaults ReadFaults(string? text)
    {
        var faults = EmbeddedFaults.None;
        foreach (var word in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            faults |= word switch
            {
                "duplicate" => EmbeddedFaults.Duplicate,
                "reorder" => EmbeddedFaults.Reorder,
                "delay" => EmbeddedFaults.Delay,
                "ack-lost" => EmbeddedFaults.AckLost,
                _ => throw new IOException($"--embedded-faults: `{word}` is not known. Use duplicate, reorder, delay, ack-lost."),
            };
        }
        return faults;
    }
}
