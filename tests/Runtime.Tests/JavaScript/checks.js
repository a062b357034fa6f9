// What the official JavaScript SDK must find: node checks.js PROTOCOL CHECK, PROTOCOL being http or grpc. Ends with 0, or says what is wrong.
// Environment: DAPR_HTTP_PORT and DAPR_GRPC_PORT of the sidecar, APP_PORT for checks that serve, FOLDER with the files behind the components.
"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { CommunicationProtocolEnum, DaprClient, DaprPubSubStatusEnum, DaprServer, HttpMethod, StateConcurrencyEnum } = require("@dapr/dapr");

const [protocol, check] = process.argv.slice(2);
const isGrpc = protocol === "grpc";
const options = {
  daprHost: "127.0.0.1",
  daprPort: isGrpc ? process.env.DAPR_GRPC_PORT : process.env.DAPR_HTTP_PORT,
  communicationProtocol: isGrpc ? CommunicationProtocolEnum.GRPC : CommunicationProtocolEnum.HTTP,
};
const quiet = { level: "error", service: { ...console, error() {}, warn() {} } };
const client = new DaprClient({ ...options, logger: quiet });

async function until(condition, what) {
  for (const end = Date.now() + 15_000; Date.now() < end; await new Promise((next) => setTimeout(next, 20))) {
    const value = await condition();
    if (value) return value;
  }
  assert.fail(`not within 15 s: ${what}`);
}

async function serve(register) {
  const server = new DaprServer({ serverHost: "127.0.0.1", serverPort: process.env.APP_PORT, communicationProtocol: options.communicationProtocol, clientOptions: { ...options, logger: quiet }, logger: quiet });
  await register(server);
  await server.start();
  return server;
}

// The SDK gives an error as the answer of some calls over HTTP, and throws it over gRPC.
async function fails(call, what) {
  const answer = await call.catch((error) => ({ error }));
  assert.ok(answer?.error, what);
}

// Values come as the SDK gives them: parsed over HTTP, over gRPC too where they are JSON.
const checks = {
  async state() {
    assert.deepEqual(await client.state.save("state", [{ key: "a", value: { n: 1 } }, { key: "b", value: "text" }, { key: "c", value: 3 }]), {});
    assert.deepEqual(await client.state.get("state", "a"), { n: 1 });
    assert.equal(await client.state.get("state", "b"), "text");
    assert.equal(await client.state.get("state", "none"), "");
    await client.state.delete("state", "b");
    assert.equal(await client.state.get("state", "b"), "");
    await fails(client.state.save("nowhere", [{ key: "a", value: 1 }]), "a store that is not there took something");
  },

  async ["bulk state"]() {
    await client.state.save("state", Array.from({ length: 20 }, (_, n) => ({ key: `k${n}`, value: { n } })));
    const items = await client.state.getBulk("state", [...Array.from({ length: 20 }, (_, n) => `k${n}`), "none"]);
    assert.equal(items.length, 21);
    for (const item of items) assert.deepEqual(item.data || undefined, item.key === "none" ? undefined : { n: Number(item.key.slice(1)) });
  },

  async etags() {
    await client.state.save("state", [{ key: "e", value: 1 }]);
    const [{ etag }] = await client.state.getBulk("state", ["e"]);
    assert.ok(etag);
    const firstWrite = { concurrency: StateConcurrencyEnum.CONCURRENCY_FIRST_WRITE };
    assert.deepEqual(await client.state.save("state", [{ key: "e", value: 2, etag, options: firstWrite }]), {});
    await fails(client.state.save("state", [{ key: "e", value: 3, etag, options: firstWrite }]), "an old etag was taken");
    await fails(client.state.delete("state", "e", { etag, ...firstWrite }), "an old etag deleted");
    assert.equal(await client.state.get("state", "e"), 2);
    const [now] = await client.state.getBulk("state", ["e"]);
    assert.deepEqual(await client.state.delete("state", "e", { etag: now.etag, ...firstWrite }), {});
    assert.equal(await client.state.get("state", "e"), "");
  },

  // Over gRPC the SDK takes text only.
  async transaction() {
    await client.state.save("state", [{ key: "old", value: 1 }, { key: "guard", value: 1 }]);
    await client.state.transaction("state", [
      { operation: "upsert", request: { key: "new", value: "two" } },
      { operation: "delete", request: { key: "old" } },
    ]);
    assert.equal(await client.state.get("state", "new"), "two");
    assert.equal(await client.state.get("state", "old"), "");

    const [{ etag }] = await client.state.getBulk("state", ["guard"]);
    await client.state.save("state", [{ key: "guard", value: 2 }]);
    await assert.rejects(
      client.state.transaction("state", [
        { operation: "upsert", request: { key: "half", value: "one" } },
        { operation: "upsert", request: { key: "guard", value: "three", etag, options: { concurrency: StateConcurrencyEnum.CONCURRENCY_FIRST_WRITE } } },
      ]),
    );
    assert.equal(await client.state.get("state", "half"), "", "half of a refused transaction was done");
    assert.equal(await client.state.get("state", "guard"), 2);
  },

  async ["publish and subscribe"]() {
    const [got, dead, refusals] = [[], [], []];
    await serve(async (server) => {
      await server.pubsub.subscribe("pubsub", "plain", async (data, headers) => void got.push(data));
      await server.pubsub.subscribeWithOptions("pubsub", "routed", {
        route: { rules: [{ match: `event.type == "important"`, path: "/important" }], default: "/other" },
      });
      server.pubsub.subscribeToRoute("pubsub", "routed", "/important", async (data) => void got.push({ important: data }));
      server.pubsub.subscribeToRoute("pubsub", "routed", "/other", async (data) => void got.push({ other: data }));
      await server.pubsub.subscribeWithOptions("pubsub", "refused", {
        deadLetterTopic: "dead",
        callback: async (data) => {
          refusals.push(data);
          return data.n === 4 ? DaprPubSubStatusEnum.RETRY : DaprPubSubStatusEnum.DROP;
        },
      });
      await server.pubsub.subscribe("pubsub", "dead", async (data) => void dead.push(data));
    });
    assert.deepEqual(await client.pubsub.publish("pubsub", "plain", { n: 1 }), {});
    await client.pubsub.publish("pubsub", "plain", "just text", { contentType: "text/plain" });
    await until(() => got.length === 2, "both plain events");
    assert.deepEqual([...got].sort((a, b) => typeof b === "string" ? -1 : 1).map((data) => data?.n ?? data), [1, "just text"]);

    got.length = 0;
    const event = { specversion: "1.0", id: "1", source: "me", datacontenttype: "application/json" };
    await client.pubsub.publish("pubsub", "routed", { ...event, type: "important", data: { n: 2 } }, { contentType: "application/cloudevents+json" });
    await client.pubsub.publish("pubsub", "routed", { ...event, type: "idle", data: { n: 3 } }, { contentType: "application/cloudevents+json" });
    await until(() => got.length === 2, "both routed events");
    assert.deepEqual([got.find((g) => g.important), got.find((g) => g.other)], [{ important: { n: 2 } }, { other: { n: 3 } }]);

    await client.pubsub.publish("pubsub", "refused", { n: 4 });
    await until(() => dead.length === 1, "the dead letter of what was to be tried again");
    await client.pubsub.publish("pubsub", "refused", { n: 5 });
    await until(() => dead.length === 2, "the dead letter of what was dropped");
    assert.deepEqual(refusals, [{ n: 4 }, { n: 5 }]);
    assert.deepEqual(dead, refusals);
    await fails(client.pubsub.publish("nowhere", "plain", {}), "a broker that is not there took something");
  },

  async ["bulk publish and subscribe"]() {
    const got = [];
    await serve((server) => server.pubsub.subscribeBulk("pubsub", "many", async (data) => void got.push(data), { maxMessagesCount: 10, maxAwaitDurationMs: 100 }));
    const { failedMessages } = await client.pubsub.publishBulk("pubsub", "many", [
      ...Array.from({ length: 30 }, (_, n) => ({ n })),
      { entryID: "named", event: { n: 30 }, contentType: "application/json", metadata: {} },
    ]);
    assert.deepEqual(failedMessages, []);
    await until(() => got.length === 31, "31 events");
    assert.deepEqual(got.map((g) => g.n).sort((a, b) => a - b), Array.from({ length: 31 }, (_, n) => n));
  },

  async invocation() {
    await serve(async (server) => {
      await server.invoker.listen("echo", async (call) => ({ got: call.body ? JSON.parse(call.body) : null, query: call.query }), { method: HttpMethod.POST });
      await server.invoker.listen("hello", async () => ({ hello: "world" }), { method: HttpMethod.GET });
    });
    assert.deepEqual(await client.invoker.invoke("myapp", "hello", HttpMethod.GET), { hello: "world" });
    assert.deepEqual((await client.invoker.invoke("myapp", "echo", HttpMethod.POST, { n: 1 })).got, { n: 1 });
    await assert.rejects(client.invoker.invoke("nobody", "hello", HttpMethod.GET));
  },

  async bindings() {
    let ticks = 0;
    await serve((server) => server.binding.receive("tick", async () => void ticks++));
    await client.binding.send("files", "create", "some text", { fileName: "note.txt" });
    assert.equal(fs.readFileSync(path.join(process.env.FOLDER, "files", "note.txt"), "utf8"), "some text");
    const read = await client.binding.send("files", "get", undefined, { fileName: "note.txt" });
    assert.equal(isGrpc ? Buffer.from(read.data).toString() : read, "some text");
    await assert.rejects(client.binding.send("files", "get", undefined, { fileName: "missing.txt" }));
    await until(() => ticks > 0, "a tick");
  },

  async configuration() {
    const file = path.join(process.env.FOLDER, "data", "configuration", "config.json");
    const { items } = await client.configuration.get("config", ["colour", "none"]);
    assert.deepEqual(Object.keys(items), ["colour"]);
    assert.deepEqual([items.colour.value, items.colour.version], ["red", "v1"]);
    const changes = [];
    const stream = await client.configuration.subscribeWithKeys("config", ["colour"], async (change) => void changes.push(change.items));
    await new Promise((next) => setTimeout(next, 200)); // the SDK does not tell when the stream is there
    fs.writeFileSync(file, JSON.stringify({ colour: "blue||v2", size: "10" }));
    const change = await until(() => changes.find((items) => items.colour?.value === "blue"), "the change");
    assert.deepEqual(Object.keys(change), ["colour"]);
    stream.stop();
  },

  async locks() {
    assert.deepEqual(await client.lock.lock("locks", "thing", "me", 60), { success: true });
    assert.deepEqual(await client.lock.lock("locks", "thing", "you", 60), { success: false });
    assert.equal((await client.lock.unlock("locks", "thing", "you")).status, 2);
    assert.equal((await client.lock.unlock("locks", "thing", "me")).status, 0);
    assert.equal((await client.lock.unlock("locks", "thing", "me")).status, 1);
    assert.deepEqual(await client.lock.lock("locks", "thing", "you", 60), { success: true });
  },

  async secrets() {
    assert.deepEqual(await client.secret.get("secrets", "password"), { password: "hush" });
    assert.deepEqual((await client.secret.getBulk("secrets")).password, isGrpc ? { secrets: { password: "hush" } }.secrets : { password: "hush" });
    await assert.rejects(client.secret.get("nowhere", "password"));
  },

  async metadata() {
    assert.equal(await client.metadata.set("colour", "green"), true);
    const metadata = await client.metadata.get();
    assert.equal(metadata.id, "myapp");
    const names = (metadata.components ?? metadata.registeredComponentsList ?? metadata.registeredComponents).map((component) => component.name);
    assert.ok(["state", "pubsub", "files"].every((name) => names.includes(name)), names.join());
    assert.equal((metadata.extended ?? metadata.extendedMetadata)?.colour ?? new Map(metadata.extended ?? []).get?.("colour"), "green");
    assert.equal(await client.health.isHealthy(), true);
  },
};

if (!checks[check]) {
  console.error(`no check ${check}: ${Object.keys(checks).join(", ")}`);
  process.exit(2);
}
checks[check]().then(
  () => process.exit(0),
  (failure) => {
    console.error(failure);
    process.exit(1);
  },
);
