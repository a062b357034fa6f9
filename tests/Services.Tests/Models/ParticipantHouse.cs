using Google.Protobuf;
using Quayside.Services.Tests.Participants;
using Quayside.Services.Tests.ServiceDefaults;
using Microsoft.AspNetCore.Builder;

namespace Quayside.Services.Tests.Models;

/// <summary>Replicas of one participant before one store, with time that only the walk moves. It is built once and reset before each walk.</summary>
internal sealed class ParticipantHouse : IAsyncDisposable
{
    private readonly House house;
    private readonly string store, prefix;
    private readonly Dictionary<string, Replica> byName;
    private IReadOnlyDictionary<string, (ByteString Value, string ETag)> empty = null!;
    private int walks;

    private ParticipantHouse(House house, ManualTime time, string store, string prefix, int orders, string[] replicas)
    {
        (this.house, Time, this.store, this.prefix, Orders) = (house, time, store, prefix, orders);
        Replicas = [.. replicas.Select(name => new Replica(name))];
        byName = Replicas.ToDictionary(replica => replica.Name);
    }

    public ManualTime Time { get; }

    public IReadOnlyList<Replica> Replicas { get; }

    public int Orders { get; }

    /// <summary>Sees every call of a replica; answers whether it goes on at once.</summary>
    public Func<Replica, SidecarCall, bool> IsFree { get; set; } = (_, _) => false;

    public static async Task<ParticipantHouse> StartAsync(
        string store, string prefix, int orders, string[] replicas, Func<string[], Action<WebApplicationBuilder>?, WebApplication> create, Func<string, string[]>? settings = null)
    {
        var time = new ManualTime();
        var house = new ParticipantHouse(await House.EmptyAsync(time), time, store, prefix, orders, replicas);
        foreach (var name in replicas) await house.RunAsync([$"--DAPR_API_TOKEN={name}", .. settings?.Invoke(name) ?? []], [name], create);
        house.house.Sidecar.Around = house.PassAsync;
        house.Keep();
        return house;
    }

    public Task<WebApplication> RunAsync(string[] settings, string[] names, Func<string[], Action<WebApplicationBuilder>?, WebApplication> create) =>
        house.RunAsync(settings, names, create);

    /// <summary>What is in the store now is what every walk begins with.</summary>
    public void Keep() => empty = house.Sidecar.Save();

    public void Reset()
    {
        walks++;
        house.Sidecar.Restore(empty);
    }

    /// <summary>The order's id: new in every walk, for bank and carrier never forget.</summary>
    public string IdOf(string order) => $"{walks}-{order}";

    public string? FindRecord(string order) => Find(prefix + IdOf(order));

    public string? Find(string key) => house.Sidecar.Find(store, key);

    public async Task<object> PostAsync<TCommand, TResult>(Replica replica, string path, TCommand command)
        where TResult : class => await house.PostAsync<TCommand, TResult>(replica.Name, path, command);

    /// <summary>Lets a walk that failed come to its end, so that the next one can begin.</summary>
    public async Task CalmAsync()
    {
        foreach (var replica in Replicas.Where(replica => !replica.IsIdle))
        {
            await replica.DieAsync();
            await replica.SettleAsync(() => int.MaxValue);
            replica.End();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await house.DisposeAsync();
        foreach (var replica in Replicas) replica.Dispose();
    }

    private Task PassAsync(SidecarCall call, Func<Task> effect) =>
        byName.TryGetValue(call.Caller, out var replica) && !replica.IsIdle && !IsFree(replica, call) ? replica.PassAsync(call, effect) : effect();
}
