import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { formatMessage } from "../messages/message.ts";
import { CHART_LOCK, CHART_NAMES, loadChartLock, lockedChart } from "./lock.ts";
import { mirroredImage, mirrorOf } from "./mirror.ts";

const scratch = mkdtempSync(join(tmpdir(), "bhitti-lock-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** What loading says of a lock. */
function faultsOf(lock: string): string[] {
  mkdirSync(dirname(join(scratch, CHART_LOCK)), { recursive: true });
  writeFileSync(join(scratch, CHART_LOCK), lock);
  try {
    loadChartLock(scratch);
    return [];
  } catch (error) {
    return (error as { messages: Parameters<typeof formatMessage>[0][] }).messages.map(formatMessage);
  }
}

const CHART = `  - name: vector
    repository: https://helm.vector.dev
    version: 0.56.0
    appVersion: 0.56.0
    licence: MPL-2.0
    source: index.yaml of its repository
    images: []
`;

test("the lock pins every chart that a release can name, once, in the order of its name", () => {
  expect(loadChartLock().charts.map((chart) => chart.name)).toEqual([...CHART_NAMES]);
});

test("every digest of the lock says where it was read", () => {
  const images = loadChartLock().charts.flatMap((chart) => chart.images);
  expect(images.length).toBeGreaterThan(0);
  expect(images.filter((image) => (image.digest === undefined) !== (image.source === undefined))).toEqual([]);
});

test("nobody's rendering is committed with Bhitti, and the lock lists none", () => {
  expect(loadChartLock().charts.filter((chart) => chart.renders)).toEqual([]);
  expect(readFileSync(new URL("../.gitignore", import.meta.url), "utf8")).not.toContain("charts/");
});

test("each fault of a lock is told at its line", () => {
  expect(faultsOf(`charts:\n${CHART}`)).toEqual([]);
  expect(faultsOf(`charts:\n${CHART}${CHART}`)).toEqual([
    "charts/charts.lock.yaml:9:11 BH1301 'vector' stands twice in charts/charts.lock.yaml; keep one of the two",
  ]);
  expect(faultsOf(`charts:\n${CHART.replace("vector\n", "vectr\n")}`)[0]).toMatch(
    /:2:11 BH1013 .*did you mean 'vector'/,
  );
  expect(faultsOf(`charts:\n${CHART.replace("0.56.0\n", "0.56.0\n    digest: sha256:abc\n")}`)[0]).toMatch(
    /:5:13 BH1025 'sha256:abc'/,
  );
  expect(faultsOf(`charts:\n${CHART.replace("https://", "http://")}`)[0]).toMatch(/:3:17 BH1027/);
});

test("a chart that the lock does not pin is said by name", () => {
  expect(() => lockedChart({ charts: [] }, "vector")).toThrow(
    "BH1302 chart 'vector' is not in charts/charts.lock.yaml",
  );
  expect(() => loadChartLock(join(scratch, "none"))).toThrow("BH1300");
});

test("an image keeps its path in the mirror, whatever registry it came from", () => {
  const mirror = mirrorOf([{ prefix: "registry.gov.bd/zones/{zone}/" }, { prefix: "registry.gov.bd/platform/" }]);
  expect(mirror).toEqual({ prefix: "registry.gov.bd/platform/" });
  if (!mirror) return;
  expect(mirroredImage(mirror, "quay.io/cilium/cilium:v1.20.0")).toBe("registry.gov.bd/platform/cilium/cilium:v1.20.0");
  expect(mirroredImage(mirror, "localhost/a/b")).toBe("registry.gov.bd/platform/a/b");
  expect(mirroredImage(mirror, "opensearchproject/opensearch:3.6.0")).toBe(
    "registry.gov.bd/platform/opensearchproject/opensearch:3.6.0",
  );
  expect(mirroredImage(mirror, "registry.gov.bd/platform/a:1")).toBe("registry.gov.bd/platform/a:1");
  expect(mirrorOf([{ prefix: "registry.gov.bd/zones/{zone}/" }])).toBeUndefined();
});
