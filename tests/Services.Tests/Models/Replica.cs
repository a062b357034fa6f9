using Quayside.Services.Tests.Participants;

namespace Quayside.Services.Tests.Models;

/// <summary>One process of a participant, busy with one command at a time. What it calls waits here, so a walk and nothing else decides what comes next.</summary>
internal sealed class Replica(string name) : IDisposable
{
    private readonly Lock gate = new();
    private readonly SemaphoreSlim changed = new(0);
    private readonly List<HeldCall> held = [];
    private Task? command;
    private bool isDead;

    public string Name => name;

    public bool IsIdle => command is null;

    public bool HasAnswered => command is { IsCompleted: true };

    /// <summary>In the order of their targets: the order of arrival is luck.</summary>
    public IReadOnlyList<HeldCall> Held
    {
        get
        {
            lock (gate) return [.. held.OrderBy(call => call.Call.Target, StringComparer.Ordinal)];
        }
    }

    public void Begin(Func<Task> start)
    {
        // Busy before it starts: its first call may come at once.
        var begun = new TaskCompletionSource();
        command = begun.Task;
        _ = RunAsync();

        async Task RunAsync()
        {
            await start();
            begun.SetResult();
            changed.Release();
        }
    }

    public void Dispose() => changed.Dispose();

    public void End() => (command, isDead) = (null, false);

    /// <summary>From now until its command has ended nothing leaves it any more.</summary>
    public async Task DieAsync()
    {
        lock (gate) isDead = true;
        foreach (var call in Held) await LetGoAsync(call, Fate.Fails);
    }

    public Task LetGoAsync(HeldCall call, Fate fate)
    {
        lock (gate) held.Remove(call);
        return call.LetGoAsync(fate);
    }

    /// <summary>Until it has answered or so many of its calls wait.</summary>
    public async Task SettleAsync(Func<int> calls)
    {
        while (!HasAnswered && Held.Count < calls())
        {
            if (!await changed.WaitAsync(TimeSpan.FromSeconds(20))) throw new TimeoutException($"{name} neither calls nor answers.");
        }
    }

    /// <summary>The sidecar's side.</summary>
    public Task PassAsync(SidecarCall call, Func<Task> effect)
    {
        var here = new HeldCall(call, effect);
        lock (gate)
        {
            if (isDead) return Task.FromException(HeldCall.Broken(call));
            held.Add(here);
        }

        changed.Release();
        return here.PassAsync();
    }
}
