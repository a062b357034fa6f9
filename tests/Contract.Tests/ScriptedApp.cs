using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Quayside.Servers;

namespace LocalDapr.Contract.Tests;

/// <summary>The app behind a sidecar: answers as a script says, and writes down each call.</summary>
internal sealed class ScriptedApp(JsonObject spec, Names names) : IAsyncDisposable
{
    /// <summary>Of the wire, not of the call.</summary>
    private static readonly HashSet<string> WireHeaders =
        ["date", "content-length", "connection", "transfer-encoding", "keep-alive", "server", "accept-encoding", "user-agent", "host"];

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Script> _routes = ReadRoutes(spec["routes"].Members());
    private readonly List<Call> _calls = [];
    private TaskCompletionSource _called = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication? _server;

    private sealed class Script(JsonNode? answers)
    {
        private readonly JsonNode?[] _answers = answers is JsonArray list ? [.. list] : [answers];
        private int _used;

        /// <summary>In turn, the last for ever.</summary>
        public JsonObject Next() => _answers[Math.Min(_used++, _answers.Length - 1)].Members();
    }

    private sealed record Call(string Route, string Query, JsonObject Headers, JsonNode Body, long At)
    {
        public bool Is(string route) => Route == route || (route.EndsWith('*') && Route.StartsWith(route[..^1], StringComparison.Ordinal));

        public JsonObject Show(JsonArray? keep) => new()
        {
            ["route"] = Route,
            ["query"] = Query,
            ["headers"] = new JsonObject(Headers.Where(header => keep is null ? !WireHeaders.Contains(header.Key) : keep.Any(name => (string?)name == header.Key))
                .Select(header => KeyValuePair.Create(header.Key, header.Value?.DeepClone()))),
            ["body"] = Body.DeepClone(),
        };
    }

    public int Port { get; } = Ports.Free();

    public bool IsGrpc => (string?)spec["protocol"] == "grpc";

    public bool StartsAtOnce => (bool?)spec["start"] ?? true;

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MaxRequestHeadersTotalSize = kestrel.Limits.MaxRequestLineSize = 1 << 20;
            kestrel.ListenLocalhost(Port, listen => listen.Protocols = IsGrpc ? HttpProtocols.Http2 : HttpProtocols.Http1);
        });
        _server = builder.Build();
        _server.Run(IsGrpc ? AnswerGrpcAsync : AnswerAsync);
        await _server.StartAsync();
    }

    /// <summary>Nothing listens, and connections that were kept open are gone.</summary>
    public async Task StopAsync()
    {
        if (_server is null)
            return;
        await _server.StopAsync(new CancellationToken(canceled: true));
        await _server.DisposeAsync();
        _server = null;
    }

    public ValueTask DisposeAsync() => new(StopAsync());

    public void ChangeRoutes(JsonObject routes)
    {
        lock (_lock)
        {
            foreach (var (route, script) in ReadRoutes(routes))
                _routes[route] = script;
        }
    }

    /// <summary>Waits for a number of calls, and shows those that came by then, or a while later if that is asked for.</summary>
    public async Task<JsonObject> ShowCallsAsync(JsonObject step)
    {
        var (route, count) = ((string)step["route"]!, (int?)step["count"] ?? 1);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds((double?)step["timeout"] ?? 8));
        while (!limit.IsCancellationRequested)
        {
            Task called;
            lock (_lock)
            {
                if (_calls.Count(call => call.Is(route)) >= count)
                    break;
                called = _called.Task;
            }
            await called.WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        if (step["settle"].IsNumber())
            await Task.Delay((int)step["settle"]!);
        lock (_lock)
        {
            var calls = _calls.Where(call => call.Is(route)).ToList();
            if ((bool?)step["clear"] ?? true)
                _calls.RemoveAll(calls.Contains);
            var shown = new JsonObject { ["calls"] = new JsonArray([.. calls.Select(call => call.Show(step["headers"] as JsonArray))]) };
            if (step["gaps"].IsNumber())
            {
                var unit = (long)step["gaps"]!;
                shown["gaps"] = new JsonArray([.. calls.Zip(calls.Skip(1), (a, b) => (JsonNode)((long)Stopwatch.GetElapsedTime(a.At, b.At).TotalMilliseconds / unit * unit))]);
            }
            return shown;
        }
    }

    private static Dictionary<string, Script> ReadRoutes(JsonObject routes) => routes.ToDictionary(route => route.Key, route => new Script(route.Value));

    private bool Knows(string route)
    {
        lock (_lock)
            return _routes.ContainsKey(route);
    }

    /// <summary>The answer of the script; none for what it does not know.</summary>
    private JsonObject? Record(string method, string target, JsonObject headers, JsonNode body)
    {
        var path = target.Split('?', 2);
        lock (_lock)
        {
            var route = new[] { $"{method} {path[0]}", $"* {path[0]}", $"{method} *", "* *" }.FirstOrDefault(_routes.ContainsKey);
            _calls.Add(new Call($"{method} {path[0]}", path.Length > 1 ? path[1] : "", headers, body, Stopwatch.GetTimestamp()));
            _called.SetResult();
            _called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return route is null ? null : _routes[route].Next();
        }
    }

    private static async Task<byte[]> ReadAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        return body.ToArray();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        var body = await ReadAsync(request);
        var headers = new JsonObject(request.Headers.Select(header => KeyValuePair.Create(header.Key.ToLowerInvariant(), (JsonNode?)string.Join(", ", header.Value.ToArray()))));
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var answer = Record(request.Method, target, headers, Bytes.OfBody(body, request.ContentType)) ?? new JsonObject { ["status"] = 404 };
        if (answer["delay"].IsNumber())
            await Task.Delay((int)answer["delay"]!);
        if ((bool?)answer["abort"] == true)
        {
            context.Abort();
            return;
        }
        var isEcho = (bool?)answer["echo"] == true;
        response.StatusCode = (int?)answer["status"] ?? StatusCodes.Status200OK;
        foreach (var (name, value) in answer["headers"].Members())
            response.Headers[name] = value is JsonArray several ? several.Select(one => (string?)one).ToArray() : (string?)value;
        if (response.ContentType is null && isEcho)
            response.ContentType = request.ContentType;
        if (response.ContentType is null && answer["body"] is JsonObject or JsonArray)
            response.ContentType = "application/json";
        if (answer["chunks"] is JsonArray chunks)
        {
            foreach (var chunk in chunks)
            {
                await response.WriteAsync((string)chunk!);
                await response.Body.FlushAsync();
                await Task.Delay((int?)answer["chunk_delay"] ?? 0);
            }
            return;
        }
        if (response.StatusCode is StatusCodes.Status204NoContent or StatusCodes.Status304NotModified)
            return;
        var data = isEcho ? body : BodyOf(answer);
        response.ContentLength = data.Length;
        if (!HttpMethods.IsHead(request.Method))
            await response.Body.WriteAsync(data);
    }

    private byte[] BodyOf(JsonObject answer)
    {
        if ((string?)answer["base64"] is { } base64)
            return Convert.FromBase64String(base64);
        if (answer["size"].IsNumber())
            return [.. Enumerable.Repeat((byte)'x', (int)answer["size"]!)];
        var body = names.Expand(answer["body"]);
        return System.Text.Encoding.UTF8.GetBytes(body is null ? "" : body.IsText(out var text) ? text : Json.Text(body, inOrder: false));
    }

    private async Task AnswerGrpcAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        var method = request.Path.Value!;
        response.ContentType = "application/grpc";
        if (!Knows($"GRPC {method}"))
        {
            Record("GRPC", method, [], Bytes.OfMessage([]));
            EndGrpc(response, GrpcStatus.Unimplemented, "");
            return;
        }
        var frame = await ReadAsync(request);
        var message = frame.Length >= GrpcFrame.HeaderLength ? frame[GrpcFrame.HeaderLength..] : [];
        var answer = Record("GRPC", method, GrpcStatus.Metadata(request.Headers.Select(header => (header.Key, header.Value.ToString())), bytes => Convert.ToHexStringLower(bytes)), Bytes.OfMessage(message))!;
        if (answer["delay"].IsNumber())
            await Task.Delay((int)answer["delay"]!);
        var code = (string?)answer["code"] ?? GrpcStatus.Ok;
        if (code != GrpcStatus.Ok)
        {
            EndGrpc(response, code, (string?)answer["message"] ?? "");
            return;
        }
        await response.Body.WriteAsync(GrpcFrame.Of((bool?)answer["echo"] == true ? message : Convert.FromBase64String((string?)answer["base64"] ?? "")));
        response.AppendTrailer("grpc-status", "0");
    }

    private static void EndGrpc(HttpResponse response, string code, string message)
    {
        response.Headers["grpc-status"] = $"{GrpcStatus.Number(code)}";
        response.Headers["grpc-message"] = Uri.EscapeDataString(message);
    }
}
