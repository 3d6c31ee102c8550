import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { type Checkout, copyOfRepository } from "./checkout.ts";

let checkout: Checkout | undefined;
afterAll(() => checkout?.remove());

/** Park and Miller's generator: the same moments in every run. */
function moments(seed: number, count: number, withinMs: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return Math.floor((state / 2_147_483_647) * withinMs);
  });
}

test("after SIGKILL of all servers at ten moments of 'local up', the next one is ready, deploys what is missing, and then finds nothing to change", async () => {
  checkout = copyOfRepository();
  const up = () => (checkout as Checkout).bhitti("local", "up", "--engine", "server-side-apply");
  let killed = 0;
  for (const moment of moments(20_261_123, 10, 9_000)) {
    const disturbed = up();
    await sleep(moment);
    killed += checkout.killServers();
    // It may fail, but says so: whatever it printed was one JSON document.
    expect([0, 3]).toContain((await disturbed).exitCode);
  }
  expect(killed).toBeGreaterThan(10);

  const mended = await up();
  expect(mended.json["messages"] ?? [], mended.stderr).not.toContainEqual(
    expect.objectContaining({ severity: "error" }),
  );
  expect(mended.exitCode).toBe(0);
  const again = await up();
  expect(again).toMatchObject({ exitCode: 0, json: { nothingToChange: true } });
  expect(await checkout.bhitti("drift", "local")).toMatchObject({
    exitCode: 0,
    json: { changed: [], missing: [], extra: [] },
  });
});
