#!/usr/bin/env node
// The one JavaScript file: it lets Node read the TypeScript of everything else, without a build that could be stale.
import { register } from "tsx/esm/api";

register();
const { main } = await import("./bhitti.ts");
await main(process.argv);
