using Quayside.Services.Tests.Participants;
using Xunit.Sdk;

namespace Quayside.Services.Tests.Models;

/// <summary>
/// One walk through the interleavings of a participant's replicas: each move begins a command or decides the fate of one call, then the model looks at
/// the records and at the world outside. The same moves always make the same walk.
/// </summary>
internal abstract class Walk(ParticipantHouse house)
{
    private readonly List<(string Text, Func<Task> Effect)> late = [];
    private readonly Dictionary<Replica, Errand> errands = [];
    private readonly List<string> story = [];
    private readonly HashSet<string> troubled = [];
    private readonly SortedDictionary<string, RecordHistory> records = new(StringComparer.Ordinal);

    /// <summary>All that happened, one event a line; the same for the same moves.</summary>
    public string Story => string.Join('\n', story);

    protected ParticipantHouse House => house;

    protected IReadOnlyList<Replica> Replicas => house.Replicas;

    protected IEnumerable<string> Orders => records.Keys;

    public async Task RunAsync(Move[] moves)
    {
        house.Reset();
        try
        {
            foreach (var move in moves) await MakeAsync(move);
            foreach (var replica in Replicas) await FinishAsync(replica);
            Tell("-- all have answered");
            Check();
            foreach (var order in Orders.ToList()) await CloseAsync(order);
            while (late.Count > 0) await DeliverAsync(0);
            Tell("-- all is over");
            await RestAsync();
            Check();
            CheckEnd();
        }
        catch (Exception failure)
        {
            throw new XunitException($"{Story}\n{(failure is XunitException ? failure.Message : failure)}", failure);
        }
        finally
        {
            Abandon();
            await house.CalmAsync();
        }
    }

    /// <summary>The command of a move for an idle replica.</summary>
    protected abstract Errand Choose(Replica replica, string order, int command);

    /// <summary>What must hold after every move.</summary>
    protected abstract void Check();

    /// <summary>What must hold when nothing happens any more.</summary>
    protected abstract void CheckEnd();

    /// <summary>Repeats, as the saga does, the command that this order must end with, until its answer is final.</summary>
    protected abstract Task CloseAsync(string order);

    /// <summary>Moves beyond those of the replicas and of the network.</summary>
    protected virtual Task MakeOtherAsync(int actor, Move move) => Task.CompletedTask;

    /// <summary>What the house does by itself when it is left alone.</summary>
    protected virtual Task RestAsync() => Task.CompletedTask;

    /// <summary>How many calls of a replica that has not answered will come to wait, given what went on so far.</summary>
    protected virtual int Expected(Replica replica) => 1;

    /// <summary>The walk has ended, perhaps in the middle: nobody waits any more for what a walk itself has to end.</summary>
    protected virtual void Abandon() { }

    /// <summary>Whether a command may fail though all of its calls went well.</summary>
    protected virtual bool MayFail(Errand errand) => false;

    protected virtual void Went(Replica replica, HeldCall call, Fate fate) { }

    protected RecordHistory Record(string order)
    {
        if (!records.TryGetValue(order, out var history)) records.Add(order, history = new());
        return history;
    }

    /// <summary>The stages that the record had between the command and now.</summary>
    protected IEnumerable<string> StagesSince(Errand errand) => Record(errand.Order!).Stages.Skip(errand.Since);

    /// <summary>No call for it ever failed, so it needs no repeats and no sweeps.</summary>
    protected bool IsUntroubled(string order) => !troubled.Contains(order);

    /// <summary>A command for it has not been answered yet.</summary>
    protected bool IsBusy(string order) => Replicas.Any(replica => !replica.IsIdle && errands[replica].Order == order);

    protected void Tell(string text) => story.Add(text.Replace(house.IdOf(""), "", StringComparison.Ordinal));

    protected async Task<Errand> AskAsync(Errand errand)
    {
        await BeginAsync(Replicas[0], errand);
        await FinishAsync(Replicas[0]);
        return errand;
    }

    protected async Task BeginAsync(Replica replica, Errand errand)
    {
        Tell($"{replica.Name}: {errand.Text}");
        if (errand.Order is { } order) errand.Since = Record(order).Stages.Count - 1;
        errands[replica] = errand;
        replica.Begin(() => errand.RunAsync(replica));
        await SettleAsync(replica);
    }

    private async Task SettleAsync(Replica replica)
    {
        await replica.SettleAsync(() => Expected(replica));
        Look();
        if (!replica.HasAnswered) return;
        replica.End();
        var errand = errands[replica];
        Tell($"{replica.Name}: {errand.Text} -> {errand.Answer ?? "failed"}");
        if (errand.Answer is null) Assert.True(errand.IsHindered || MayFail(errand), $"{errand.Text} failed for no reason");
        errand.Judge();
    }

    protected Errand? ErrandOf(Replica replica) => errands.GetValueOrDefault(replica);

    private async Task MakeAsync(Move move)
    {
        if (move.Actor < Replicas.Count)
        {
            var replica = Replicas[move.Actor];
            if (replica.IsIdle) await BeginAsync(replica, Choose(replica, $"o{move.Which % house.Orders}", move.Command));
            else await GoOnAsync(replica, move.Which, move.Fate);
        }
        else if (move.Actor == Replicas.Count)
        {
            if (late.Count > 0) await DeliverAsync(move.Which % late.Count);
        }
        else
        {
            await MakeOtherAsync(move.Actor - Replicas.Count - 1, move);
        }

        Check();
    }

    protected async Task FinishAsync(Replica replica)
    {
        while (!replica.IsIdle)
        {
            await GoOnAsync(replica, 0, Fate.Happens);
            Check();
        }
    }

    private async Task GoOnAsync(Replica replica, int which, Fate fate)
    {
        var waiting = replica.Held;
        var call = waiting[which % waiting.Count];
        Tell($"{replica.Name}: {call.Call.Verb} {call.Call.Target} {fate}");
        if (fate is Fate.IsLate && call.Call.Verb != "read") late.Add(($"{call.Call.Verb} {call.Call.Target}", call.Effect));
        await replica.LetGoAsync(call, fate);
        Look();
        if (fate is not Fate.Happens) Hinder(errands[replica]);
        Went(replica, call, fate);
        if (fate is Fate.DiesBefore or Fate.DiesAfter) await replica.DieAsync();
        await SettleAsync(replica);
    }

    private void Hinder(Errand errand)
    {
        errand.IsHindered = true;
        if (errand.Order is { } order) troubled.Add(order);
    }

    private async Task DeliverAsync(int index)
    {
        var (text, effect) = late[index];
        late.RemoveAt(index);
        Tell($"late: {text}");
        try
        {
            await effect();
        }
        catch (LocalDapr.Protocol.Grpc.RpcException refused)
        {
            Tell($"      {refused.Message}");
        }

        Look();
    }

    private void Look()
    {
        foreach (var (order, record) in records) record.See(house.FindRecord(order));
    }
}
