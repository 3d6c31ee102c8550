#!/usr/bin/env node
// The one JavaScript file: it lets Node read the TypeScript of everything else, without a build that could be stale.
import { register } from "tsx/esm/api";

register();
// Source maps take a fifth of a short command; a defect is looked for with BHITTI_DEBUG, which keeps them.
if (!process.env.BHITTI_DEBUG) process.setSourceMapsEnabled(false);
// Whoever reads the output may have read enough (`| head`).
process.stdout.on("error", (error) => {
  if (error.code !== "EPIPE") throw error;
});
const { main } = await import("./bhitti.ts");
await main(process.argv);
