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
const done = { updated: 0, created: 0, synced: 0, failed: 0 };

// understood lets the SDK's complaints about the form of a successful answer pass: Novu has done what it was asked to.
async function understood(request) {
  try {
    await request;
  } catch (error) {
    if (!(error.statusCode >= 200 && error.statusCode < 300)) throw error;
  }
}

// write updates a workflow and creates it if Novu does not know it.
async function write({ workflowId, ...definition }) {
  const body = { origin: "external", preferences: {}, ...definition };
  try {
    await understood(novu.workflows.update(body, workflowId));
    done.updated++;
  } catch (error) {
    if (error.statusCode !== 404) throw error;
    await understood(novu.workflows.create({ workflowId, ...body }));
    done.created++;
  }
}

async function sync({ workflowId }) {
  await understood(novu.workflows.sync({ targetEnvironmentId: target }, workflowId));
  done.synced++;
}

for (const definition of definitions) {
  try {
    await (action === "sync" ? sync : write)(definition);
  } catch (error) {
    done.failed++;
    console.error(`${action} ${definition.workflowId}: ${error.message}`);
  }
}
console.log(JSON.stringify(done));
