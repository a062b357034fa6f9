using System.Text.Json;
using Dapr.Workflow;
using Dapr.Workflow.Client;
using Microsoft.AspNetCore.Http.HttpResults;
using Quayside.Saga;

namespace Quayside.Workflows.Admin;

/// <summary>One saga as an admin sees it. Age in seconds since it was started.</summary>
public sealed record SagaView(string OrderId, string Status, string? Step, int Tries, bool NeedsAttention, DateTimeOffset CreatedAt, double AgeSeconds);

public sealed record SagaPage(IReadOnlyList<SagaView> Items, string? NextCursor);

internal static class AdminRoutes
{
    private const int MostSagas = 200;

    public static void MapAdmin(this WebApplication app)
    {
        var admin = app.MapGroup("/api/admin").RequireAuthorization("admin");
        admin.MapGet("/sagas", ListSagasAsync);
        admin.MapGet("/books", async (BooksReader books, CancellationToken cancellationToken) => TypedResults.Ok(await books.ReadAsync(cancellationToken)));
    }

    private static async Task<Ok<SagaPage>> ListSagasAsync(IDaprWorkflowClient workflows, TimeProvider time, CancellationToken cancellationToken, string? cursor = null, int limit = 50)
    {
        var page = await workflows.ListInstanceIdsAsync(cursor, Math.Clamp(limit, 1, MostSagas), cancellationToken);
        var items = new List<SagaView>(page.InstanceIds.Count);
        foreach (var id in page.InstanceIds)
        {
            var state = await workflows.GetWorkflowStateAsync(id, getInputsAndOutputs: true, cancellationToken);
            if (state.Exists)
                items.Add(View(id, state, time.GetUtcNow()));
        }
        return TypedResults.Ok(new SagaPage(items, page.ContinuationToken));
    }

    private static SagaView View(string id, WorkflowState state, DateTimeOffset now)
    {
        var status = state.ReadCustomStatusAs<SagaStatus>();
        return new SagaView(
            id, JsonNamingPolicy.CamelCase.ConvertName(state.RuntimeStatus.ToString()), status?.Step, status?.Tries ?? 0, status?.NeedsAttention ?? false,
            state.CreatedAt, (now - state.CreatedAt).TotalSeconds);
    }
}
