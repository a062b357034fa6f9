using Quayside.OpenApi;

namespace Quayside.House.Tests;

/// <summary>Whatever a test asks of the gateway: the answer is as the published API description says, or the test fails.</summary>
internal sealed class ContractCheck() : DelegatingHandler(new SocketsHttpHandler())
{
    private static readonly ApiDocument Document = ApiDocument.Read();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        var type = answer.Content.Headers.ContentType?.MediaType;
        var body = "";
        if (type != "text/event-stream")
        {
            await answer.Content.LoadIntoBufferAsync(cancellationToken);
            body = await answer.Content.ReadAsStringAsync(cancellationToken);
        }
        var fault = Document.Judge(request.Method.Method, request.RequestUri!.AbsolutePath, (int)answer.StatusCode, type, body);
        Assert.True(fault is null, fault);
        return answer;
    }
}
