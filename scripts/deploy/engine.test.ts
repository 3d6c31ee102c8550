import { describe, expect, test, vi } from "vitest";
import { BhittiError } from "../../messages/message.ts";
import { chooseEngine, type EngineName } from "./engine.ts";

const disposable = { name: "local", disposable: true };
const kept = { name: "production", disposable: false };
const yes = async () => ({ available: true, reason: "init got them" });
const no = async () => ({ available: false, reason: "registry.terraform.io does not answer" });
const on = (engine?: EngineName) => [{ cluster: "c", ...(engine ? { engine } : {}) }];

const codeOf = async (choice: Promise<unknown>): Promise<string | undefined> => {
  const error = await choice.then(
    () => undefined,
    (e: unknown) => e,
  );
  return error instanceof BhittiError ? error.messages[0]?.code : String(error);
};

describe("the engine is", () => {
  test.each([
    [
      "terraform where init can get the providers",
      { environment: kept, recorded: on(), available: yes },
      "terraform",
      "BH4037",
    ],
    [
      "server-side-apply where it cannot and the environment is disposable",
      { environment: disposable, recorded: on(), available: no },
      "server-side-apply",
      "BH4038",
    ],
    [
      "the one asked for",
      { environment: disposable, recorded: on(), available: yes, forced: "server-side-apply" },
      "server-side-apply",
      "BH4036",
    ],
  ] as const)("%s", async (_, question, engine, code) => {
    const choice = await chooseEngine(question);
    expect(choice.engine).toBe(engine);
    expect(choice.reason.code).toBe(code);
  });

  test("the recorded one, whatever could be had now, and nobody looks", async () => {
    const available = vi.fn(yes);
    const recorded = on("server-side-apply");
    const choice = await chooseEngine({ environment: disposable, recorded, available });
    expect(choice).toMatchObject({ engine: "server-side-apply", reason: { code: "BH4035" } });
    expect(available).not.toHaveBeenCalled();
  });
});

describe("refused is", () => {
  test.each([
    ["an environment that is kept, without providers", { environment: kept, recorded: on(), available: no }, "BH4030"],
    [
      "server-side-apply for an environment that is kept",
      { environment: kept, recorded: on(), available: no, forced: "server-side-apply" },
      "BH4031",
    ],
    [
      "server-side-apply recorded in an environment that is kept by now",
      { environment: kept, recorded: on("server-side-apply"), available: yes },
      "BH4031",
    ],
    [
      "another engine than the recorded one",
      { environment: disposable, recorded: on("server-side-apply"), available: yes, forced: "terraform" },
      "BH4008",
    ],
    [
      "clusters of one environment with two engines",
      { environment: disposable, recorded: [...on("terraform"), ...on("server-side-apply")], available: yes },
      "BH4008",
    ],
    [
      "an engine that does not exist",
      { environment: disposable, recorded: on(), available: yes, forced: "pulumi" },
      "BH4032",
    ],
  ] as const)("%s", async (_, question, code) => {
    expect(await codeOf(chooseEngine(question))).toBe(code);
  });
});
