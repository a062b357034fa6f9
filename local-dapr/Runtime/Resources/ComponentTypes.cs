using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.Resources;

/// <summary>The component types of Dapr 1.18, so that a misspelt one is told from one that this runtime does not serve.</summary>
public static class ComponentTypes
{
    private static readonly HashSet<string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        "state.aerospike", "state.alicloud.tablestore", "state.aws.dynamodb", "state.azure.blobstorage", "state.azure.cosmosdb", "state.azure.tablestorage",
        "state.cassandra", "state.clickhouse", "state.cloudflare.workerskv", "state.cockroachdb", "state.coherence", "state.couchbase", "state.etcd", "state.gcp.firestore",
        "state.hashicorp.consul", "state.hazelcast", "state.in-memory", "state.jetstream", "state.memcached", "state.mongodb", "state.mysql", "state.oci.objectstorage",
        "state.oracledatabase", "state.postgresql", "state.ravendb", "state.redis", "state.rethinkdb", "state.sqlite", "state.sqlite3", "state.sqlserver", "state.zookeeper",
        "pubsub.aws.snssqs", "pubsub.azure.eventhubs", "pubsub.azure.servicebus.queues", "pubsub.azure.servicebus.topics", "pubsub.azure.servicebus", "pubsub.gcp.pubsub", "pubsub.in-memory",
        "pubsub.jetstream", "pubsub.kafka", "pubsub.kubemq", "pubsub.mqtt3", "pubsub.natsstreaming", "pubsub.pulsar", "pubsub.rabbitmq", "pubsub.redis", "pubsub.rocketmq", "pubsub.solace.amqp",
        "secretstores.alicloud.parameterstore", "secretstores.aws.parameterstore", "secretstores.aws.secretmanager", "secretstores.azure.keyvault", "secretstores.gcp.secretmanager",
        "secretstores.hashicorp.vault", "secretstores.huaweicloud.csms", "secretstores.kubernetes", "secretstores.local.env", "secretstores.local.file", "secretstores.tencentcloud.ssm",
        "configuration.azure.appconfig", "configuration.kubernetes", "configuration.postgresql", "configuration.redis", "lock.redis",
        "bindings.alicloud.dingtalk.webhook", "bindings.alicloud.oss", "bindings.alicloud.sls", "bindings.alicloud.tablestore", "bindings.apns", "bindings.aws.dynamodb", "bindings.aws.kinesis",
        "bindings.aws.s3", "bindings.aws.ses", "bindings.aws.sns", "bindings.aws.sqs", "bindings.azure.blobstorage", "bindings.azure.cosmosdb", "bindings.azure.eventgrid", "bindings.azure.eventhubs",
        "bindings.azure.openai", "bindings.azure.servicebusqueues", "bindings.azure.signalr", "bindings.azure.storagequeues", "bindings.cloudflare.queues", "bindings.commercetools", "bindings.cron",
        "bindings.dubbo", "bindings.gcp.bucket", "bindings.gcp.pubsub", "bindings.graphql", "bindings.http", "bindings.huawei.obs", "bindings.influx", "bindings.kafka", "bindings.kitex", "bindings.kubemq",
        "bindings.kubernetes", "bindings.localstorage", "bindings.mqtt3", "bindings.mysql", "bindings.postgresql", "bindings.postmark", "bindings.rabbitmq", "bindings.redis", "bindings.rethinkdb.statechange",
        "bindings.sftp", "bindings.smtp", "bindings.twilio.sendgrid", "bindings.twilio.sms", "bindings.wasm", "bindings.zeebe.command", "bindings.zeebe.jobworker",
        "middleware.http.bearer", "middleware.http.oauth2", "middleware.http.oauth2clientcredentials", "middleware.http.opa", "middleware.http.ratelimit", "middleware.http.routeralias",
        "middleware.http.routerchecker", "middleware.http.sentinel", "middleware.http.uppercase", "middleware.http.wasm", "nameresolution.mdns", "nameresolution.sqlite",
        "crypto.azure.keyvault", "crypto.dapr.jwks", "crypto.dapr.kubernetes.secrets", "crypto.dapr.localstorage",
        "conversation.anthropic", "conversation.aws.bedrock", "conversation.deepseek", "conversation.echo", "conversation.googleai", "conversation.huggingface", "conversation.mistral", "conversation.ollama", "conversation.openai",
    };

    private static readonly HashSet<string> ServedAsDeclared = new(StringComparer.OrdinalIgnoreCase)
    {
        "state.in-memory", "state.sqlite", "state.sqlite3", "pubsub.in-memory", "secretstores.local.env", "secretstores.local.file", "bindings.cron", "bindings.localstorage", "bindings.http",
        "middleware.http.uppercase", "middleware.http.routeralias", "middleware.http.routerchecker",
    };

    private static readonly string[] ServedEmbedded = ["state.", "pubsub.", "configuration.", "lock."];

    /// <exception cref="ResourceException">Dapr 1.18 has no such type, or these backends do not serve it.</exception>
    public static void Check(ComponentSpec component, Backends backends)
    {
        if (!Known.Contains(component.Type))
            throw new ResourceException(component.File, component.Line, $"component type `{component.Type}` does not exist in Dapr 1.18{Suggest(component.Type)}", "Correct `spec.type`.");
        var served = ServedAsDeclared.Contains(component.Type)
            || (backends == Backends.Embedded && ServedEmbedded.Any(p => component.Type.StartsWith(p, StringComparison.OrdinalIgnoreCase)));
        if (!served && !component.IgnoreErrors)
        {
            var cure = backends == Backends.Declared && ServedEmbedded.Any(p => component.Type.StartsWith(p, StringComparison.OrdinalIgnoreCase))
                ? "Use `--backends embedded`, or run the real Dapr."
                : "Run the real Dapr for it, or set `spec.ignoreErrors: true`.";
            throw new ResourceException(component.File, component.Line, $"component type `{component.Type}` is not served by this runtime", cure);
        }
    }

    private static string Suggest(string type)
    {
        var dot = type.IndexOf('.', StringComparison.Ordinal);
        var alike = dot < 0 ? null : Known.Where(k => k.StartsWith(type[..(dot + 1)], StringComparison.OrdinalIgnoreCase)).MinBy(k => Distance(k, type));
        return alike is not null && Distance(alike, type) <= 3 ? $" (did you mean `{alike}`?)" : "";
    }

    /// <summary>Edits between two words (Levenshtein).</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }
        return row[^1];
    }
}
