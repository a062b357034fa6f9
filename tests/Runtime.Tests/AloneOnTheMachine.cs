namespace LocalDapr.Runtime.Tests;

/// <summary>Tests that measure their process, or have processes that give up when others keep them from running for a second.</summary>
[CollectionDefinition(nameof(AloneOnTheMachine), DisableParallelization = true)]
public sealed class AloneOnTheMachine;
