using YamlDotNet.RepresentationModel;

namespace Quayside.House.Tests;

/// <summary>kubernetes/ says what dapr.yaml and components/ say.</summary>
public sealed class KubernetesTests
{
    private static readonly YamlMappingNode[] Base = Documents("kubernetes/base");
    private static readonly YamlMappingNode Run = Read("dapr.yaml").Single();
    private static readonly string[] AppIds = [.. Sequence(Run, "apps").Select(a => Text(a, "appID"))];

    [Fact]
    public void Every_app_has_a_deployment_and_a_service_with_its_port_and_health_checks()
    {
        Assert.Equal(AppIds.Order(), OfKind("Deployment").Select(Name).Order());
        Assert.Equal(AppIds.Order(), OfKind("Service").Select(Name).Order());
        foreach (var app in Sequence(Run, "apps"))
        {
            var (id, port) = (Text(app, "appID"), Text(app, "appPort"));
            var template = At(OfKind("Deployment").Single(d => Name(d) == id), "spec", "template");
            var annotations = At(template, "metadata", "annotations");
            var container = Sequence(At(template, "spec"), "containers").Single();
            var common = At(Run, "common");
            Assert.Equal(id, Text(annotations, "dapr.io/app-id"));
            Assert.Equal(port, Text(annotations, "dapr.io/app-port"));
            Assert.Equal(Text(common, "appHealthCheckPath"), Text(annotations, "dapr.io/app-health-check-path"));
            Assert.Equal(Text(common, "appHealthProbeInterval"), Text(annotations, "dapr.io/app-health-probe-interval"));
            Assert.Equal(Text(common, "appHealthThreshold"), Text(annotations, "dapr.io/app-health-threshold"));
            Assert.Equal("/healthz/live", Text(At(container, "livenessProbe", "httpGet"), "path"));
            Assert.Equal("/healthz/ready", Text(At(container, "readinessProbe", "httpGet"), "path"));
            Assert.Equal(port, Text(At(container, "readinessProbe", "httpGet"), "port"));
            Assert.Equal(port, Text(Sequence(At(OfKind("Service").Single(s => Name(s) == id), "spec"), "ports").Single(), "port"));
        }
    }

    [Fact]
    public void Components_and_endpoints_have_the_same_names_and_scopes()
    {
        var local = Documents("components", "components/pubsub/redis");
        foreach (var kind in new[] { "Component", "HTTPEndpoint" })
            Assert.Equal(Scopes(local, kind), Scopes(Base, kind));
    }

    [Fact]
    public void The_three_brokers_are_one_component_with_one_consumer_group_rule()
    {
        foreach (var broker in new[] { "redis", "kafka", "rabbitmq" })
        {
            var component = Documents($"components/pubsub/{broker}").Single(d => Name(d) == "pubsub");
            var metadata = Sequence(At(component, "spec"), "metadata").ToDictionary(m => Text(m, "name"), m => Text(m, "value"));
            Assert.Equal($"pubsub.{broker}", Text(At(component, "spec"), "type"));
            Assert.Equal("event-handlers-{appID}", metadata[broker == "kafka" ? "consumerGroup" : "consumerID"]);
        }
    }

    [Fact]
    public void Every_replica_of_the_services_with_a_cache_hears_the_broadcast_on_each_broker()
    {
        foreach (var folder in new[] { "components/pubsub/redis", "components/pubsub/kafka", "components/pubsub/rabbitmq", "kubernetes/base/dapr" })
        {
            var component = Documents(folder).Single(d => Name(d) == "broadcast");
            var group = Sequence(At(component, "spec"), "metadata").Single(m => Text(m, "name") is "consumerID" or "consumerGroup");
            Assert.Equal("cache-{uuid}", Text(group, "value"));
            Assert.Equal(["user-service", "order-service", "inventory-service"], Sequence(component, "scopes").Select(s => ((YamlScalarNode)s).Value));
        }
    }

    [Fact]
    public void The_resiliency_policy_is_the_same_and_covers_every_app_but_the_gateway()
    {
        var local = Documents("components").Single(d => Text(d, "kind") == "Resiliency");
        var cluster = OfKind("Resiliency").Single();
        Assert.Equal(local.ToString(), cluster.ToString());
        Assert.Equal(AppIds.Except(["gateway", "outside"]).Order(), Sequence(local, "scopes").Select(s => ((YamlScalarNode)s).Value!).Order());
    }

    [Fact]
    public void Nobody_has_a_password_that_is_published_here()
    {
        foreach (var id in new[] { "auth-service", "user-service", "gateway" })
            Assert.Equal("admin", Setting(id, "Seed__Users"));
    }

    [Fact]
    public void Mails_are_written_as_the_binding_sends_them()
    {
        var type = Text(At(Base.Single(d => Text(d, "kind") == "Component" && Name(d) == "email"), "spec"), "type");
        Assert.Equal(("bindings.smtp", "Html"), (type, Setting("notification-service", "Mail__Format")));
    }

    private static string Setting(string app, string name)
    {
        var container = Sequence(At(OfKind("Deployment").Single(d => Name(d) == app), "spec", "template", "spec"), "containers").Single();
        return Text(Sequence(container, "env").Single(variable => Text(variable, "name") == name), "value");
    }

    private static string[] Scopes(IEnumerable<YamlMappingNode> documents, string kind) =>
        [.. documents.Where(d => Text(d, "kind") == kind).Select(d => $"{Name(d)}: {string.Join(' ', Sequence(d, "scopes"))}").Order()];

    private static IEnumerable<YamlMappingNode> OfKind(string kind) => Base.Where(d => Text(d, "kind") == kind);

    private static string Name(YamlNode node) => Text(At(node, "metadata"), "name");

    private static YamlNode At(YamlNode node, params string[] path) => path.Aggregate(node, (n, name) => n[name]);

    private static string Text(YamlNode node, string name) => ((YamlScalarNode)node[name]).Value!;

    private static IEnumerable<YamlNode> Sequence(YamlNode node, string name) => ((YamlSequenceNode)node[name]).Children;

    private static YamlMappingNode[] Documents(params string[] folders) =>
        [.. folders.SelectMany(f => Directory.EnumerateFiles(Path.Combine(House.Root, f), "*.yaml", f.StartsWith("kubernetes", StringComparison.Ordinal) ? SearchOption.AllDirectories : SearchOption.TopDirectoryOnly)).SelectMany(f => Read(f))];

    private static IEnumerable<YamlMappingNode> Read(string file)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(File.ReadAllText(Path.Combine(House.Root, file))));
        return stream.Documents.Select(d => (YamlMappingNode)d.RootNode);
    }
}
