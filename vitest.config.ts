import { defineConfig } from "vitest/config";

/**
 * Three tiers, by file name:
 *   unit   *.test.ts         no server, no network
 *   live   *.live.test.ts    one real control plane for the whole run (tests/live-setup.ts)
 *   heavy  *.heavy.test.ts   long: terraform with official providers, crash recovery, other Node versions
 */
const excluded = ["**/node_modules/**", "cdktf.out/**", ".bhitti/**"];

export default defineConfig({
  test: {
    // Live tests wait for servers more than they work, so that two files at a time pay off on two cores, too.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: "unit",
          include: ["**/*.test.ts"],
          exclude: [...excluded, "**/*.live.test.ts", "**/*.heavy.test.ts"],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "live",
          include: ["**/*.live.test.ts"],
          exclude: excluded,
          globalSetup: ["tests/live-setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "heavy",
          include: ["**/*.heavy.test.ts"],
          exclude: excluded,
          testTimeout: 1_800_000,
          hookTimeout: 1_800_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
