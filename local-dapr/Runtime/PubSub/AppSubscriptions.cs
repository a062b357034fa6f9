using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Resiliency;

namespace LocalDapr.Runtime.PubSub;

/// <summary>Asks an app for its subscriptions, once, when it is first healthy.</summary>
internal sealed class AppSubscriptions(SidecarContext context, GrpcApp grpcApp)
{
    private const int Retries = 3;

    /// <exception cref="HttpRequestException">The app could not be reached, four times.</exception>
    /// <exception cref="CodedException">The app answered with a gRPC failure.</exception>
    /// <exception cref="System.Text.Json.JsonException">The answer is no list of subscriptions.</exception>
    /// <exception cref="Expressions.ExpressionException">A rule is no expression.</exception>
    public async Task<IReadOnlyList<Subscription>> AskAsync(CancellationToken cancellation)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return context.App.IsGrpc ? await AskGrpcAsync(cancellation) : await AskHttpAsync(cancellation);
            }
            catch (Exception failure) when (attempt < Retries && failure is HttpRequestException or CodedException { Code: (int)StatusCode.Unavailable })
            {
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(1000, 500 * Math.Pow(1.5, attempt))), context.Time, cancellation);
            }
        }
    }

    private async Task<IReadOnlyList<Subscription>> AskGrpcAsync(CancellationToken cancellation)
    {
        try
        {
            return SubscriptionReader.FromGrpc(await grpcApp.CallAsync(AppCallbackMethods.ListTopicSubscriptions, new Empty(), [], cancellation));
        }
        catch (RpcException)
        {
            return [];
        }
    }

    private async Task<IReadOnlyList<Subscription>> AskHttpAsync(CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(context.App.BaseAddress, "dapr/subscribe"))
        {
            Content = new ByteArrayContent([]) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        request.Headers.TryAddWithoutValidation("dapr-app-id", context.Options.AppId);
        using var response = await context.App.SendAsync(request, cancellation);
        return response.StatusCode == HttpStatusCode.OK ? SubscriptionReader.FromJson(await response.Content.ReadAsByteArrayAsync(cancellation)) : [];
    }
}
