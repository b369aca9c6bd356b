// Asks flags by OpenFeature's web SDK and its OFREP provider; prints the answers as JSON.
//
//     node ask.mjs MODULES < {"baseUrl", "token", "contexts": [...], "booleans": [...], "strings": [...]}

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(`${process.argv[2]}/x.js`));
const { OpenFeature } = require("@openfeature/web-sdk");
const { OFREPWebProvider } = require("@openfeature/ofrep-web-provider");
const job = JSON.parse(readFileSync(0, "utf8"));

const provider = new OFREPWebProvider({
  baseUrl: job.baseUrl,
  headers: [["Authorization", `Bearer ${job.token}`]],
  pollInterval: -1,
  changeDetection: "none",
});
await OpenFeature.setContext(job.contexts[0]);
await OpenFeature.setProviderAndWait(provider);
const client = OpenFeature.getClient();
const answers = [];
for (const context of job.contexts) {
  await OpenFeature.setContext(context);
  const found = {};
  for (const key of job.booleans) {
    const { value, reason, errorCode } = client.getBooleanDetails(key, false);
    found[key] = { value, reason, errorCode };
  }
  for (const key of job.strings) {
    const { value, reason, errorCode } = client.getStringDetails(key, "default");
    found[key] = { value, reason, errorCode };
  }
  answers.push(found);
}
process.stdout.write(JSON.stringify(answers));
await OpenFeature.close();
