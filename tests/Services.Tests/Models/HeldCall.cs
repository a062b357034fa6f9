using LocalDapr.Protocol.Grpc;
using Quayside.Services.Tests.Participants;

namespace Quayside.Services.Tests.Models;

/// <summary>A call of a participant that waits until the walk decides its fate.</summary>
internal sealed class HeldCall(SidecarCall call, Func<Task> effect)
{
    private readonly TaskCompletionSource<Fate> decided = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SidecarCall Call => call;

    /// <summary>What keeps going on when the caller hears nothing of it any more.</summary>
    public Func<Task> Effect => effect;

    /// <summary>It arrived, and the store did not refuse it.</summary>
    public bool HasHappened { get; private set; }

    /// <summary>Ends when the call has, whatever its end.</summary>
    public Task LetGoAsync(Fate fate)
    {
        decided.SetResult(fate);
        return over.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    /// <summary>The sidecar's side.</summary>
    public async Task PassAsync()
    {
        try
        {
            var fate = await decided.Task;
            if (fate is Fate.Happens or Fate.AnswerIsLost or Fate.DiesAfter)
            {
                await effect();
                HasHappened = true;
            }

            if (fate is not Fate.Happens) throw Broken(call);
        }
        finally
        {
            over.SetResult();
        }
    }

    public static Exception Broken(SidecarCall call) => call.Verb == "call"
        ? new HttpRequestException("broken")
        : new RpcException(StatusCode.Unavailable, "broken");
}
