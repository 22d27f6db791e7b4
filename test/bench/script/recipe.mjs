// The update-first recipe of Novu's documentation, written with Novu's own SDK: what the operator is compared with.
//
//   NOVU_URL=… NOVU_SECRET_KEY=… node recipe.mjs write DEFINITIONS.json
//   NOVU_URL=… NOVU_SECRET_KEY=… node recipe.mjs sync DEFINITIONS.json TARGET_ENVIRONMENT_ID
//
// Prints what it did as one line of JSON.
import { readFile } from "node:fs/promises";
import { Novu } from "@novu/api";

const [action, file, target] = process.argv.slice(2);
const definitions = JSON.parse(await readFile(file, "utf8"));
const novu = new Novu({ serverURL: process.env.NOVU_URL, secretKey: process.env.NOVU_SECRET_KEY });
const count = { updated: 0, created: 0, synced: 0, failed: 0 };

// done waits until Novu has done what the request asks for. The SDK must understand the answer, with one exception: it
// knows no delay of the type "dynamic", which Novu stores and answers.
async function done({ steps }, request) {
  try {
    await request;
  } catch (error) {
    const succeeded = error.statusCode >= 200 && error.statusCode < 300;
    if (!succeeded || !steps.some((step) => step.controlValues?.type === "dynamic")) throw error;
  }
}

// write updates a workflow and creates it if Novu does not know it.
async function write({ workflowId, ...definition }) {
  const body = { origin: "external", preferences: {}, ...definition };
  try {
    await done(body, novu.workflows.update(body, workflowId));
    count.updated++;
  } catch (error) {
    if (error.statusCode !== 404) throw error;
    await done(body, novu.workflows.create({ workflowId, ...body }));
    count.created++;
  }
}

async function sync({ workflowId, ...body }) {
  await done(body, novu.workflows.sync({ targetEnvironmentId: target }, workflowId));
  count.synced++;
}

for (const definition of definitions) {
  try {
    await (action === "sync" ? sync : write)(definition);
  } catch (error) {
    count.failed++;
    console.error(`${action} ${definition.workflowId}: ${error.message}`);
  }
}
console.log(JSON.stringify(count));
