namespace LocalDapr.Runtime.Hosting;

/// <summary>The first question to an HTTP app at start: GET /dapr/config. It speaks of actors only, which this runtime does not serve; any answer is fine.</summary>
internal sealed class AppConfigFeature(SidecarContext context) : ISidecarFeature
{
    public async Task AppReadyAsync(CancellationToken cancellation)
    {
        if (!context.App.Exists || context.App.IsGrpc || context.Options.DisabledInitEndpoints.Contains("config"))
            return;
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(context.App.BaseAddress, "dapr/config"));
        request.Headers.TryAddWithoutValidation("dapr-app-id", context.Options.AppId);
        request.Content = new ByteArrayContent([]);
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        try
        {
            using var response = await context.App.SendAsync(request, cancellation);
        }
        catch (HttpRequestException)
        {
        }
    }
}
