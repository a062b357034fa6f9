using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Quayside.Inventory.Catalogue;
using Quayside.Inventory.Stock;
using Quayside.ServiceDefaults.Authentication;
using Quayside.ServiceDefaults.Problems;
using Quayside.ServiceDefaults.Versions;

namespace Quayside.Inventory.Changing;

/// <summary>PATCH /api/admin/products/{productId}: name and price, under If-Match and an Idempotency-Key.</summary>
internal static class ChangeProductEndpoint
{
    public static void MapProductChanges(this IEndpointRouteBuilder app) =>
        app.MapPatch("/api/admin/products/{productId}", ChangeAsync).RequireAuthorization("admin").RequireIdempotencyKey();

    private static async Task<Results<Ok<ProductView>, ValidationProblem, NotFound, ProblemHttpResult>> ChangeAsync(
        string productId,
        ChangeProduct change,
        ClaimsPrincipal user,
        ChangeProductHandler handler,
        Warehouse warehouse,
        HttpContext context,
        CancellationToken cancellationToken,
        [FromHeader(Name = IdempotencyKey.Header)] string key = "")
    {
        if (context.Request.Headers.IfMatch.Count == 0) return VersionTag.Required("product");
        var outcome = await handler.HandleAsync(
            productId, change, version => VersionTag.IsMatch(context.Request, version), user.UserId, key, cancellationToken);
        if (outcome is ProductChanging.Done { Product.Version: var now }) context.Response.Headers.ETag = VersionTag.Of(now);
        if (outcome is ProductChanging.Outdated { Version: var newer }) context.Response.Headers.ETag = VersionTag.Of(newer);
        return outcome switch
        {
            ProductChanging.Done { Product: var product } => TypedResults.Ok(await ProductEndpoints.ViewAsync(product, warehouse, cancellationToken)),
            ProductChanging.Invalid { Problems: var problems } => TypedResults.ValidationProblem(problems),
            ProductChanging.Outdated => VersionTag.Changed("product"),
            ProductChanging.KeyReused => IdempotencyKey.Reused(),
            _ => TypedResults.NotFound(),
        };
    }
}
