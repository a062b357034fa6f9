namespace Quayside.Services.Tests.Models;

/// <summary>A command on its way to a participant.</summary>
/// <param name="order">Which order it is about, if it is about one.</param>
/// <param name="text">For the story.</param>
/// <param name="ask">Gives the answer of a replica.</param>
/// <param name="judge">Fails when the answer is not one of those that the model allows now.</param>
internal sealed class Errand(string? order, string text, Func<Replica, Task<object>> ask, Action<object, Errand> judge)
{
    public string? Order => order;

    public string Text => text;

    /// <summary>How much of the record's history there was when it set out.</summary>
    public int Since { get; set; }

    /// <summary>One of its calls did not go well.</summary>
    public bool IsHindered { get; set; }

    /// <summary>Null when it failed: then the outcome is unknown.</summary>
    public object? Answer { get; private set; }

    public async Task RunAsync(Replica replica)
    {
        try
        {
            Answer = await ask(replica);
        }
        catch (HttpRequestException)
        {
        }
    }

    public void Judge()
    {
        if (Answer is not null) judge(Answer, this);
    }
}
