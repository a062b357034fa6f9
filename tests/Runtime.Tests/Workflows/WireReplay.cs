using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Protocol.TaskHub;

namespace LocalDapr.Runtime.Tests.Workflows;

/// <summary>
/// Plays a recorded conversation: sends what worker and clients sent, and compares what the engine sends and answers. A client call stands where it was
/// answered; when an item must come before that, the call that causes it is sent first and its answer compared in its place.
/// </summary>
internal sealed class WireReplay(TempFolder folder, IReadOnlyList<JsonNode> transcript) : IAsyncDisposable
{
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(10);

    private readonly WireValues values = new();
    private readonly Dictionary<int, Task<JsonNode>> calls = [];
    private readonly List<(string Instance, string Kind, string Name)> effects = [];
    private TestSidecar sidecar = null!;
    private Worker worker = null!;
    private string stream = "w1";

    public async Task RunAsync()
    {
        sidecar = await WorkflowHost.StartAsync(folder);
        worker = new(sidecar.Grpc);
        for (var i = 0; i < transcript.Count; i++)
        {
            var entry = transcript[i];
            switch ((string)entry["who"]!)
            {
                case "engine" when entry["item"] is { } item:
                    await ExpectAsync(i, entry, item);
                    break;
                case "worker":
                    Compare(i, entry, await SendAsync(entry));
                    break;
                case "client" when entry["answer"] is JsonObject:
                    Compare(i, entry, await (calls.TryGetValue(i, out var early) ? early : CallAsync(entry)));
                    break;
                case "check" when (string)entry["what"]! == "the stream ended":
                    await RestartAsync();
                    break;
            }
        }
        Assert.DoesNotContain(worker.Unread, i => i.WorkflowRequest is not null);
    }

    public async ValueTask DisposeAsync()
    {
        await worker.DisposeAsync();
        await sidecar.DisposeAsync();
    }

    /// <summary>What a client call puts into an item: instance, event, and the event's name.</summary>
    private static (string Instance, string Kind, string Name)? EffectOf(JsonNode entry)
    {
        var request = entry["request"] as JsonObject;
        var id = (string?)request?["instanceId"] ?? "";
        return (string)entry["what"]! switch
        {
            "StartInstance" => (id, "executionStarted", ""),
            "TerminateInstance" => (id, "executionTerminated", ""),
            "SuspendInstance" => (id, "executionSuspended", ""),
            "ResumeInstance" => (id, "executionResumed", ""),
            "RaiseEvent" => (id, "eventRaised", (string)request!["name"]!),
            "RerunWorkflowFromEvent" => ((string?)request!["newInstanceID"] ?? "", "activity", ""),
            _ => null,
        };
    }

    /// <summary>Sends the call whose effect is expected now, unless it was sent.</summary>
    private void Cause(int index, (string Instance, string Kind, string Name) effect)
    {
        if (effects.Remove(effect))
            return;
        for (var i = index + 1; i < transcript.Count; i++)
        {
            if (calls.ContainsKey(i) || (string)transcript[i]["who"]! != "client" || EffectOf(transcript[i]) != effect)
                continue;
            calls[i] = SendAsync(transcript[i]);
            return;
        }
        if (effect.Kind == "executionStarted" && !IsStartedOtherwise(index))
            calls[-1] = SendAsync(new JsonObject { ["what"] = "StartInstance", ["request"] = StartOf(index) });
    }

    /// <summary>A start whose call is not in the recording: it never got an answer.</summary>
    private JsonObject StartOf(int index)
    {
        var started = StartedIn(index);
        return new() { ["instanceId"] = started["workflowInstance"]!["instanceId"]!.DeepClone(), ["name"] = started["name"]!.DeepClone() };
    }

    private bool IsStartedOtherwise(int index) => StartedIn(index)["parentInstance"] is not null || transcript[index]["item"]!["workflowRequest"]!["newEvents"]![0]!["router"] is not null
        || transcript.Any(e => ((string)e["what"]!).EndsWith("/start?instanceID=" + (string?)StartedIn(index)["workflowInstance"]!["instanceId"], StringComparison.Ordinal))
        || transcript.Take(index).Any(e => e["item"]?["workflowRequest"]?["instanceId"]?.ToString() == StartedIn(index)["workflowInstance"]!["instanceId"]!.ToString());

    private JsonNode StartedIn(int index) => transcript[index]["item"]!["workflowRequest"]!["newEvents"]!.AsArray().First(e => e!["executionStarted"] is not null)!["executionStarted"]!;

    private async Task RestartAsync()
    {
        await worker.DisposeAsync();
        await sidecar.DisposeAsync();
        sidecar = await WorkflowHost.StartAsync(folder);
        worker = new(sidecar.Grpc);
    }

    private async Task ExpectAsync(int index, JsonNode entry, JsonNode item)
    {
        if ((string?)entry["stream"] is { } on && on != stream)
        {
            stream = on;
            await worker.DisposeAsync();
            worker = new(sidecar.Grpc);
        }
        var turn = item["workflowRequest"];
        var instance = (string?)(turn?["instanceId"] ?? item["activityRequest"]?["workflowInstance"]?["instanceId"]) ?? "";
        if (turn is null)
            Cause(index, (instance, "activity", ""));
        foreach (var e in turn?["newEvents"]!.AsArray() ?? [])
        {
            var (kind, body) = e!.AsObject().Select(p => (p.Key, p.Value)).First(p => p.Value is JsonObject && p.Key != "router");
            Cause(index, (instance, kind, kind == "eventRaised" ? (string)body!["name"]! : ""));
        }
        var taskId = (int?)item["activityRequest"]?["taskId"];
        var came = await worker.NextAsync(
            i => turn is not null ? i.WorkflowRequest?.InstanceId == instance : i.ActivityRequest?.WorkflowInstance.InstanceId == instance && i.ActivityRequest.TaskId == taskId,
            $"item of {instance} (entry {index})");
        Same(index, item, values.Show(came));
    }

    private void Compare(int index, JsonNode entry, JsonNode got)
    {
        var want = entry["answer"]!.DeepClone();
        if ((string?)want["code"] is { } code && code != "OK")
        {
            Assert.True(code == (string?)got["code"], $"entry {index} {entry["what"]}: wanted {code}, got {got.ToJsonString()}");
            return;
        }
        // A history that was read while the recorder's engine still wrote: what it had must be there.
        if ((string)entry["what"]! == "GetInstanceHistory" && want["message"]!["events"] is JsonArray few && got["message"]?["events"] is JsonArray all)
        {
            while (all.Count > few.Count && few.All(e => e!["executionCompleted"] is null))
                all.RemoveAt(all.Count - 1);
        }
        (want["body"] as JsonObject)?.Remove("message");
        (got["body"] as JsonObject)?.Remove("message");
        Same(index, want, got);
    }

    private void Same(int index, JsonNode want, JsonNode got)
    {
        var (wanted, shown) = (WireValues.Text(values.Normal(want, "")), WireValues.Text(values.Normal(got, "")));
        Assert.True(wanted == shown, $"entry {index} {transcript[index]["what"]}\n  want {wanted}\n  got  {shown}");
    }

    private Task<JsonNode> CallAsync(JsonNode entry)
    {
        if ((string?)entry["answer"]!["code"] == "OK" && EffectOf(entry) is { } effect)
            effects.Add(effect);
        return SendAsync(entry);
    }

    private Task<JsonNode> SendAsync(JsonNode entry) => (string)entry["what"]! switch
    {
        "StartInstance" => CallAsync(TaskHubMethods.StartInstance, entry),
        "GetInstance" => CallAsync(TaskHubMethods.GetInstance, entry),
        "GetInstanceHistory" => CallAsync(TaskHubMethods.GetInstanceHistory, entry),
        "WaitForInstanceStart" => CallAsync(TaskHubMethods.WaitForInstanceStart, entry),
        "WaitForInstanceCompletion" => CallAsync(TaskHubMethods.WaitForInstanceCompletion, entry),
        "RaiseEvent" => CallAsync(TaskHubMethods.RaiseEvent, entry),
        "TerminateInstance" => CallAsync(TaskHubMethods.TerminateInstance, entry),
        "SuspendInstance" => CallAsync(TaskHubMethods.SuspendInstance, entry),
        "ResumeInstance" => CallAsync(TaskHubMethods.ResumeInstance, entry),
        "PurgeInstances" => CallAsync(TaskHubMethods.PurgeInstances, entry),
        "ListInstanceIDs" => CallAsync(TaskHubMethods.ListInstanceIDs, entry),
        "RerunWorkflowFromEvent" => CallAsync(TaskHubMethods.RerunWorkflowFromEvent, entry),
        "CompleteOrchestratorTask" => CallAsync(TaskHubMethods.CompleteOrchestratorTask, entry),
        "CompleteActivityTask" => CallAsync(TaskHubMethods.CompleteActivityTask, entry),
        "Hello" => CallAsync(TaskHubMethods.Hello, entry),
        var http when http.StartsWith("HTTP ", StringComparison.Ordinal) => HttpAsync(http.Split(' '), (string?)entry["request"]),
        var other => throw new NotSupportedException(other),
    };

    private async Task<JsonNode> CallAsync<TReq, TRes>(Method<TReq, TRes> method, JsonNode entry)
        where TReq : IMessage<TReq> where TRes : IMessage<TRes>
    {
        var unknown = (string?)(entry["answer"] as JsonObject)?["code"] == "DEADLINE_EXCEEDED";
        try
        {
            var request = values.Parse(entry["request"], method.RequestParser);
            var answer = await sidecar.Grpc.UnaryAsync(method, request, new() { Timeout = unknown ? TimeSpan.FromMilliseconds(300) : CallLimit });
            return new JsonObject { ["code"] = "OK", ["message"] = values.Show(answer) };
        }
        catch (RpcException failure)
        {
            var words = failure.Status.ToString().SelectMany((c, i) => i > 0 && char.IsUpper(c) ? new[] { '_', c } : [c]);
            return new JsonObject { ["code"] = string.Concat(words).ToUpperInvariant(), ["details"] = failure.Detail };
        }
    }

    private async Task<JsonNode> HttpAsync(string[] what, string? body)
    {
        using var request = new HttpRequestMessage(new(what[1]), what[2]);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await sidecar.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new JsonObject { ["status"] = (int)response.StatusCode, ["body"] = JsonNode.Parse(text) };
    }
}
