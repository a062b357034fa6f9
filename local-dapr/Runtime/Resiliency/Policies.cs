using System.Collections.Concurrent;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.Resiliency;

/// <summary>The Resiliency resources of one sidecar, by target (contract section 9).</summary>
public sealed class Policies(TimeProvider time)
{
    private const string BuiltInService = "DaprBuiltInServiceRetries";
    private const string BuiltInInitialization = "DaprBuiltInInitializationRetries";
    private const int BuiltInLeastRetries = 3;

    private volatile Table table = new(new ResiliencyRules(), "");

    public TimeProvider Time { get; } = time;

    /// <summary>Makes the observer of one target's events, given resource name, direction (inbound, outbound) and target; null = nobody looks.</summary>
    public Func<string, string, string, IPolicyWatch>? Watch { get; set; }

    /// <summary>metadata.name of the resources that are in force.</summary>
    public IReadOnlyList<string> Loaded => table.Rules.Resources;

    /// <summary>
    /// Takes the files in; again on hot reload, when breakers start anew if anything has changed. What is unreadable is told to
    /// <paramref name="refused"/> and left out, or thrown when that is null.
    /// </summary>
    public void Load(IReadOnlyList<ResourceDocument> documents, Action<ResourceException>? refused = null)
    {
        var print = string.Concat(documents.Select(d => d.Root.ToString()));
        if (print == table.Print)
            return;
        table = new Table(ResiliencyRules.Read(documents, refused ?? (static failure => throw failure)), print);
    }

    /// <summary>Policy of calls to an app; the breaker is one per app id and method path.</summary>
    public Policy ForApp(string appId, string method)
    {
        var now = table;
        var names = Names(now, appId);
        if (names is { Timeout: null, Retry: null, Breaker: null })
            return Policy.None;
        var policies = now.Apps.GetOrAdd(appId, static (_, size) => new LeastRecentlyUsed<Policy>(size), names.BreakerCacheSize);
        return policies.GetOrAdd(names.Breaker is null ? "" : method, _ => Build(now, names, "outbound", "app_" + appId, null));
    }

    /// <summary>True when a target names the app: then the built-in retries of service invocation do not apply.</summary>
    public bool HasApp(string appId) => table.Rules.Apps.ContainsKey(appId);

    /// <summary>Policy of calls to an HTTPEndpoint or absolute URL; the breaker is one per endpoint.</summary>
    public Policy ForEndpoint(string name) => ForApp(name, "");

    /// <summary>The retries around a call to another sidecar that may be away.</summary>
    public Policy ForSidecars() => table.Sidecars ??= new TargetPolicy(null, BuiltIn(BuiltInService, RetryRule.BuiltInService), null, Time, null);

    /// <summary>The retries around the first questions to the app.</summary>
    public Policy ForInitialization() => table.Initialization ??= new TargetPolicy(null, BuiltIn(BuiltInInitialization, RetryRule.BuiltInInitialization), null, Time, null);

    /// <param name="name">Component name.</param>
    /// <param name="type">Word used in default policy names: Statestore, Pubsub, Binding, Secretstore, Configuration, Lock.</param>
    public Policy Outbound(string name, string type) => ForComponent(name, type, inbound: false);

    /// <summary>Policy around deliveries from a component to the app. Same parameters as <see cref="Outbound"/>.</summary>
    public Policy Inbound(string name, string type) => ForComponent(name, type, inbound: true);

    private static TargetNames Names(Table now, string appId)
    {
        if (now.Rules.Apps.TryGetValue(appId, out var names))
            return names;
        return now.AppDefaults ??= new TargetNames(
            now.Rules.Resources.FirstOrDefault() ?? "",
            Default(now.Rules.Timeouts, "Timeout", "App"),
            Default(now.Rules.Retries, "Retry", "App"),
            Default(now.Rules.Breakers, "CircuitBreaker", "App"),
            LeastRecentlyUsed<Policy>.DefaultSize);
    }

    private static string? Default<T>(Dictionary<string, T> policies, string kind, params ReadOnlySpan<string> levels)
    {
        foreach (var level in levels)
        {
            if (policies.ContainsKey($"Default{level}{kind}Policy"))
                return $"Default{level}{kind}Policy";
        }
        return policies.ContainsKey($"Default{kind}Policy") ? $"Default{kind}Policy" : null;
    }

    private Policy ForComponent(string name, string type, bool inbound)
    {
        var now = table;
        if (now.Rules.Resources.Count == 0)
            return Policy.None;
        return now.Components.GetOrAdd((name, type, inbound), key =>
        {
            var direction = key.Inbound ? "Inbound" : "Outbound";
            string[] levels = [$"{key.Type}Component{direction}", $"Component{direction}", "Component"];
            TargetNames? names;
            if (now.Rules.Components.TryGetValue(key.Name, out var both))
            {
                names = key.Inbound ? both.Inbound : both.Outbound;
            }
            else
            {
                names = new TargetNames(
                    now.Rules.Resources[0],
                    Default(now.Rules.Timeouts, "Timeout", levels),
                    Default(now.Rules.Retries, "Retry", levels),
                    Default(now.Rules.Breakers, "CircuitBreaker", levels),
                    1);
            }
            return names is null or { Timeout: null, Retry: null, Breaker: null }
                ? Policy.None
                : Build(now, names, key.Inbound ? "inbound" : "outbound", $"{key.Type.ToLowerInvariant()}_{key.Name}", key.Name);
        });
    }

    private TargetPolicy Build(Table now, TargetNames names, string direction, string target, string? component)
    {
        var watch = Watch?.Invoke(names.Resource, direction, target);
        watch?.Uses(names.Timeout is not null, names.Retry is not null, names.Breaker is not null);
        CircuitBreaker? breaker = null;
        if (names.Breaker is not null)
        {
            breaker = component is null ? Breaker() : now.ComponentBreakers.GetOrAdd(component, _ => Breaker());
        }
        return new TargetPolicy(
            names.Timeout is null ? null : now.Rules.Timeouts[names.Timeout],
            names.Retry is null ? null : now.Rules.Retries[names.Retry],
            breaker,
            Time,
            watch);

        CircuitBreaker Breaker() => new(now.Rules.Breakers[names.Breaker!], Time) { Changed = watch is null ? null : watch.Entered };
    }

    private RetryRule BuiltIn(string name, RetryRule builtIn) =>
        !table.Rules.Retries.TryGetValue(name, out var own) ? builtIn
        : own.MaxRetries < BuiltInLeastRetries ? own with { MaxRetries = BuiltInLeastRetries }
        : own;

    private sealed class Table(ResiliencyRules rules, string print)
    {
        public ResiliencyRules Rules { get; } = rules;

        public string Print { get; } = print;

        public TargetNames? AppDefaults { get; set; }

        public Policy? Sidecars { get; set; }

        public Policy? Initialization { get; set; }

        public ConcurrentDictionary<string, LeastRecentlyUsed<Policy>> Apps { get; } = new(StringComparer.Ordinal);

        public ConcurrentDictionary<(string Name, string Type, bool Inbound), Policy> Components { get; } = new();

        public ConcurrentDictionary<string, CircuitBreaker> ComponentBreakers { get; } = new(StringComparer.Ordinal);
    }
}
