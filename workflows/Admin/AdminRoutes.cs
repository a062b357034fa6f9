using Microsoft.AspNetCore.Http.HttpResults;
using Quayside.Workflows.Approving;
using Quayside.Workflows.Reconciling;

namespace Quayside.Workflows.Admin;

internal static class AdminRoutes
{
    private const int MaxLimit = 200;

    public static void MapAdmin(this WebApplication app)
    {
        var admin = app.MapGroup("/api/admin").RequireAuthorization("admin");
        var sagas = admin.MapGroup("/sagas");
        sagas.MapGet("/", ListSagasAsync);
        sagas.MapGet("/{id}", FindSagaAsync);
        sagas.MapApproval();
        admin.MapGet("/books", async (Reconciliation books, CancellationToken cancellationToken) => TypedResults.Ok(await books.CheckAsync(cancellationToken)));
    }

    private static async Task<Results<Ok<SagaPage>, ValidationProblem>> ListSagasAsync(
        Sagas sagas, CancellationToken cancellationToken, string? state = null, string? cursor = null, int limit = 50)
    {
        if (limit is < 1 or > MaxLimit)
            return Invalid("limit", $"must be 1 to {MaxLimit}");
        var filter = state is null ? null : SagaFilter.Find(state);
        if (state is not null && filter is null)
            return Invalid("state", $"must be one of {SagaFilter.Names}");
        return await sagas.ListAsync(filter, cursor, limit, cancellationToken) is { } page ? TypedResults.Ok(page) : Invalid("cursor", "is not a cursor of this list");
    }

    private static async Task<Results<Ok<SagaView>, ProblemHttpResult>> FindSagaAsync(string id, Sagas sagas, CancellationToken cancellationToken) =>
        await sagas.FindWithHistoryAsync(id, cancellationToken) is { } saga
            ? TypedResults.Ok(saga)
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "Unknown saga", detail: $"There is no workflow {id}.");

    private static ValidationProblem Invalid(string field, string what) =>
        TypedResults.ValidationProblem(new Dictionary<string, string[]> { [field] = [what] });
}
