import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadEnvironment } from "../environments/model/load.ts";
import { BhittiError } from "../messages/message.ts";
import { synthesize } from "./synthesize.ts";

/**
 * The app of cdktf.json: `BHITTI_ENVIRONMENT=local npx cdktf synth`.
 *
 * cdktf says by `CDKTF_OUTDIR` where it wants the stacks; `-o cdktf.out/<environment>` keeps environments apart. Wherever
 * in the repository they lie, they use the same state.
 */
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const name = process.env.BHITTI_ENVIRONMENT ?? "local";

try {
  const environment = loadEnvironment(root, name);
  synthesize(environment, root, process.env.CDKTF_OUTDIR ?? join(root, "cdktf.out", name));
} catch (error) {
  if (!(error instanceof BhittiError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
