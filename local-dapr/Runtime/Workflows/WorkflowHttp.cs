using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.TaskHub;
using LocalDapr.Runtime.Api;

namespace LocalDapr.Runtime.Workflows;

/// <summary>The HTTP API of workflows; the component name in the path is not looked at (Dapr 1.18).</summary>
internal static class WorkflowHttp
{
    private static readonly string[] Versions = ["v1.0", "v1.0-beta1", "v1.0-alpha1"];

    public static void Map(ApiRoutes http, WorkflowCalls calls)
    {
        http.Map("workflows", "POST", "workflows/{component}/{name}/start", async (call, route) =>
        {
            var input = Encoding.UTF8.GetString(await call.ReadBodyAsync());
            var headers = call.Request.Headers;
            var id = await calls.StartAsync(call.Request.Query["instanceID"], route["name"], input, null, headers.TraceParent, headers.TraceState);
            await call.WriteJsonAsync(new JsonObject { ["instanceID"] = id }, StatusCodes.Status202Accepted);
        }, Versions);
        http.Map("workflows", "GET", "workflows/{component}/{id}", (call, route) =>
            call.WriteJsonAsync(Json(calls.Get(route["id"]) ?? throw WorkflowCalls.NotFound(route["id"]))), Versions);
        http.Map("workflows", "POST", "workflows/{component}/{id}/raiseEvent/{event}", async (call, route) =>
        {
            await calls.RaiseEventAsync(route["id"], route["event"], Encoding.UTF8.GetString(await call.ReadBodyAsync()));
            await AcceptedAsync(call);
        }, Versions);
        Post("terminate", calls.TerminateAsync);
        Post("pause", calls.PauseAsync);
        Post("resume", calls.ResumeAsync);
        Post("purge", calls.PurgeAsync);

        void Post(string verb, Func<string, Task> handle) => http.Map("workflows", "POST", "workflows/{component}/{id}/" + verb, async (call, route) =>
        {
            await handle(route["id"]);
            await AcceptedAsync(call);
        }, Versions);
    }

    private static Task AcceptedAsync(HttpContext call) => call.WriteJsonAsync(new JsonObject(), StatusCodes.Status202Accepted);

    private static JsonObject Json(WorkflowState state)
    {
        var json = new JsonObject { ["instanceID"] = state.InstanceId };
        if (state.Name.Length > 0)
            json["workflowName"] = state.Name;
        json["createdAt"] = Text(state.CreatedTimestamp);
        json["lastUpdatedAt"] = Text(state.LastUpdatedTimestamp);
        json["runtimeStatus"] = WorkflowCalls.StatusText(state.WorkflowStatus);
        var properties = new JsonObject(WorkflowCalls.Properties(state).Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value)));
        if (properties.Count > 0)
            json["properties"] = properties;
        return json;
    }

    private static string Text(Timestamp time) => time.ToDateTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
