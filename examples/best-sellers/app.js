// What the shop sells most. Hears of orders on the topic `orders`, asks the catalogue by service invocation, answers GET /best-sellers.
"use strict";

const express = require("express");
const { CommunicationProtocolEnum, DaprClient, DaprServer, HttpMethod } = require("@dapr/dapr");

const port = process.env.APP_PORT ?? "4010";
const sidecar = {
  daprHost: "127.0.0.1",
  daprPort: process.env.DAPR_HTTP_PORT ?? "3500",
  daprApiToken: process.env.DAPR_API_TOKEN,
  communicationProtocol: CommunicationProtocolEnum.HTTP,
};
const client = new DaprClient(sidecar);
const web = express();
const server = new DaprServer({ serverHost: "127.0.0.1", serverPort: port, serverHttp: web, communicationProtocol: sidecar.communicationProtocol, clientOptions: sidecar });

// Deliveries repeat and overtake each other, and a restart reads the topic where it stopped, not from its beginning: what must survive belongs in a state
// store. A ranking may start anew.
const seen = new Set(); // event ids
const pieces = new Map(); // product id -> pieces that were ordered

async function onOrderEvent(event) {
  if (seen.has(event.eventId)) return;
  if (event.eventType === "order.created") {
    // A version that this code does not know goes to the dead letters, or comes again after an update of it; a guess would be for ever.
    if (event.schemaVersion !== 1) throw new Error(`order.created version ${event.schemaVersion} is not known`);
    for (const line of event.data.lines) pieces.set(line.productId, (pieces.get(line.productId) ?? 0) + line.quantity);
  }
  seen.add(event.eventId);
}

async function bestSellers() {
  const ranking = [...pieces].sort(([, a], [, b]) => b - a).slice(0, 10);
  return Promise.all(
    ranking.map(async ([productId, quantity]) => {
      const product = await client.invoker.invoke("inventory-service", `api/products/${encodeURIComponent(productId)}`, HttpMethod.GET);
      return { productId, name: product.name, quantity };
    }),
  );
}

async function main() {
  // The ranking is for everybody, events are taken from the own sidecar only: it shows the token of the run.
  web.get("/best-sellers", (_, response, next) => bestSellers().then((ranking) => response.json(ranking), next));
  web.use((request, response, next) => (request.get("dapr-api-token") === process.env.APP_API_TOKEN ? next() : response.sendStatus(401)));
  await server.pubsub.subscribe("pubsub", "orders", onOrderEvent);
  await server.start();
  console.log(`best sellers on http://127.0.0.1:${port}/best-sellers`);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
