namespace LocalDapr.Runtime.PubSub;

/// <summary>What an app said about an event. Everything else is an exception, and may be retried. An app without the method is not asked again, and nothing is dead-lettered.</summary>
internal enum EventAnswer { Success, Drop, NotImplemented }

/// <summary>Takes one attempt at handing an event to an app.</summary>
internal interface IEventReceiver
{
    /// <exception cref="Resiliency.CodedException">The app answered with a failure status.</exception>
    Task<EventAnswer> SendAsync(IncomingEvent incoming, string path, CancellationToken cancellation);
}
