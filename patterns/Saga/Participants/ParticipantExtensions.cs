using Dapr.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Quayside.Saga.Participants;

public static class ParticipantExtensions
{
    /// <summary>Records live for 30 days after their last write.</summary>
    public static IServiceCollection AddParticipant<TEffect>(this IServiceCollection services, string storeName, string prefix)
        where TEffect : class => services
        .AddSingleton(provider => new RecordStore<TEffect>(provider.GetRequiredService<DaprClient>(), storeName, prefix, TimeSpan.FromDays(30)))
        .AddSingleton(provider => new Participant<TEffect>(
            provider.GetRequiredService<RecordStore<TEffect>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping));
}
