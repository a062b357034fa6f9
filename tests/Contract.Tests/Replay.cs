using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Quayside.Servers;

namespace LocalDapr.Contract.Tests;

/// <summary>One conversation: its apps, its sidecars, and what is said.</summary>
internal sealed class Replay : IAsyncDisposable
{
    private readonly Names _names = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("contract-");
    private readonly Dictionary<string, ScriptedApp> _apps = [];
    private readonly Dictionary<string, SidecarProcess> _sidecars = [];

    public Replay(JsonObject conversation)
    {
        _names.Save("dir", _folder.FullName);
        foreach (var name in conversation["ports"] as JsonArray ?? [])
            _names.Save((string)name!, $"{Ports.Free()}");
        foreach (var (name, spec) in conversation["apps"].Members())
        {
            _apps[name] = new ScriptedApp(spec!.AsObject(), _names);
            _names.Save(name, $"{_apps[name].Port}");
        }
        foreach (var (name, spec) in conversation["sidecars"].Members())
            _sidecars[name] = new SidecarProcess(name, spec!.AsObject(), _names, _folder.FullName);
    }

    public async Task StartAsync()
    {
        foreach (var app in _apps.Values.Where(app => app.StartsAtOnce))
            await app.StartAsync();
        foreach (var (name, sidecar) in _sidecars.Where(sidecar => sidecar.Value.StartsAtOnce))
            Assert.True(await sidecar.StartAsync(_apps), $"{name} ended at its start: {sidecar.Said}");
    }

    /// <returns>The answer with names in the place of what differs from run to run; null for a step that has none.</returns>
    public async Task<JsonNode?> DoAsync(JsonObject step)
    {
        if (await RunAsync(step) is not { } answer)
            return null;
        foreach (var (name, path) in step["save"].Members())
            Save(name, Json.Pick(answer, (string)path!));
        var shown = _names.Shorten(answer);
        if ((bool?)step["unordered"] == true && shown!["calls"] is JsonArray calls)
            Json.Sort(calls);
        Comparison.SortLists(step, shown);
        return shown;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var sidecar in _sidecars.Values)
            await sidecar.DisposeAsync();
        foreach (var app in _apps.Values)
            await app.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task<JsonNode?> RunAsync(JsonObject step)
    {
        switch ((string)step["do"]!)
        {
            case "http":
                return await HttpCaller.CallAsync(step, PortOf(step, sidecar => sidecar.HttpPort), _names);
            case "grpc":
                return await GrpcCaller.CallAsync(step, PortOf(step, sidecar => sidecar.GrpcPort), _names);
            case "stream":
                return await StreamAsync(step);
            case "parallel":
                return await ParallelAsync(step);
            case "until":
                return await UntilAsync(step);
            case "calls":
                return await AppOf(step).ShowCallsAsync(step);
            case "route":
                AppOf(step).ChangeRoutes(step["routes"].Members());
                return null;
            case "app-start":
                await AppOf(step).StartAsync();
                return null;
            case "app-stop":
                await AppOf(step).StopAsync();
                return null;
            case "start":
                return await StartAsync(step);
            case "stop":
                var code = await SidecarOf(step).StopAsync((string?)step["signal"] ?? "SIGTERM", TimeSpan.FromSeconds((double?)step["wait"] ?? 0));
                return (bool?)step["report"] == true ? new JsonObject { ["exit"] = code } : null;
            case "file":
                await SidecarOf(step).WriteResourceAsync((string)step["name"]!, (string?)step["text"]);
                return null;
            case "sleep":
                // the pause is part of the conversation: lives run out in it, events do not come in it
                await Task.Delay((int)step["ms"]!);
                return null;
            default:
                throw new NotSupportedException($"{step["do"]}");
        }
    }

    private ScriptedApp AppOf(JsonObject step) => _apps[(string)step["app"]!];

    private SidecarProcess SidecarOf(JsonObject step) => _sidecars[(string)step["sidecar"]!];

    private int PortOf(JsonObject step, Func<SidecarProcess, int> ofSidecar) =>
        (string?)step["port"] is { } name ? int.Parse(_names[name], CultureInfo.InvariantCulture) : ofSidecar(SidecarOf(step));

    private void Save(string name, JsonNode? value)
    {
        var text = value is null ? "" : value.Plain();
        _names.Save(name, text, isShown: text.Length > 0);
    }

    private async Task<JsonNode?> StartAsync(JsonObject step)
    {
        var isUp = await SidecarOf(step).StartAsync(_apps);
        if ((bool?)step["report"] == true)
            return new JsonObject { ["started"] = isUp };
        Assert.True(isUp, $"{step["sidecar"]} ended at its start: {SidecarOf(step).Said}");
        return null;
    }

    private async Task<JsonNode> ParallelAsync(JsonObject step)
    {
        var steps = Enumerable.Repeat(step["steps"]!.AsArray(), (int?)step["times"] ?? 1).SelectMany(several => several);
        var answers = await Task.WhenAll(steps.Select(one => RunAsync(one!.AsObject())));
        var calls = new JsonArray([.. answers.Select(_names.Shorten)]);
        Json.Sort(calls);
        return new JsonObject { ["calls"] = calls };
    }

    private async Task<JsonNode?> UntilAsync(JsonObject step)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds((double?)step["timeout"] ?? 10));
        while (true)
        {
            var answer = await RunAsync(step["step"]!.AsObject());
            if (Regex.IsMatch(Json.Pick(answer, (string)step["path"]!).Plain(), (string)step["match"]!) || limit.IsCancellationRequested)
                return answer;
            await Task.Delay((int?)step["every"] ?? 100);
        }
    }

    /// <summary>A stream, and what happens while it is open.</summary>
    private async Task<JsonNode> StreamAsync(JsonObject step)
    {
        var (received, shown) = (new JsonArray(), new JsonObject());
        shown["received"] = received;
        await using var call = GrpcCaller.Open(step, PortOf(step, sidecar => sidecar.GrpcPort), _names);
        foreach (var act in step["script"]!.AsArray().Select(act => act!.AsObject()))
        {
            if ((string?)act["send"] is { } message)
            {
                call.Send(GrpcCaller.Patch(message, act["patch"], _names));
            }
            else if (act["recv"].IsNumber())
            {
                for (var left = (int)act["recv"]!; left > 0; left--)
                {
                    if (await call.TryReceiveAsync() is not { } next)
                        return await EndedAsync(call, shown);
                    received.Add(Bytes.OfMessage(next));
                    foreach (var (name, path) in act["save"].Members())
                        Save(name, Json.Pick(received[^1], (string)path!));
                }
            }
            else if (act["close"] is not null)
            {
                call.End();
            }
            else if (act["sleep"].IsNumber())
            {
                await Task.Delay((int)act["sleep"]!);
            }
            else
            {
                var answer = await RunAsync(act["step"]!.AsObject());
                if ((bool?)act["keep"] != true)
                    continue;
                shown["steps"] ??= new JsonArray();
                shown["steps"]!.AsArray().Add(answer);
            }
        }
        shown["code"] = "OPEN";
        return shown;
    }

    private static async Task<JsonNode> EndedAsync(GrpcCaller call, JsonObject shown)
    {
        var (code, message) = await call.EndAsync([]);
        shown["code"] = code == GrpcStatus.Ok ? "ENDED" : code;
        if (code != GrpcStatus.Ok)
            shown["message"] = message;
        return shown;
    }
}
