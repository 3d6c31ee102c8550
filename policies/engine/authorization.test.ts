import { describe, expect, test } from "vitest";
import { type AuthorizationQuestion, type DeclaredAuthorization, declaredAnswer } from "./authorization.ts";

const question: AuthorizationQuestion = {
  user: "ann",
  verb: "create",
  group: "apps",
  resource: "deployments",
  namespace: "n",
};

const covers = (answer: Partial<DeclaredAuthorization>, asked: AuthorizationQuestion = question): boolean =>
  declaredAnswer([{ verb: "*", allowed: true, ...answer }], asked, "ann") !== undefined;

describe("a declaration covers a question", () => {
  test("where each field that it names is the question's", () => {
    expect(covers({ verb: "create", group: "apps", resource: "deployments", namespace: "n" })).toBe(true);
    expect(covers({ verb: "get" })).toBe(false);
    expect(covers({ group: "" })).toBe(false);
    expect(covers({ namespace: "" })).toBe(false);
    expect(covers({ subresource: "" })).toBe(true);
    expect(covers({ name: "x" })).toBe(false);
    expect(covers({ labelSelector: "a=b" })).toBe(false);
  });

  test("of the one who made the request, unless it names another user", () => {
    expect(covers({}, { ...question, user: "system:serviceaccount:n:s" })).toBe(false);
    expect(covers({ user: "system:serviceaccount:n:s" }, { ...question, user: "system:serviceaccount:n:s" })).toBe(
      true,
    );
    expect(covers({ user: "bob" })).toBe(false);
  });

  test("about a path, where it names that path or nothing of a resource", () => {
    const path = { user: "ann", verb: "get", path: "/healthz" };
    expect(covers({ path: "/healthz" }, path)).toBe(true);
    expect(covers({ path: "/metrics" }, path)).toBe(false);
    expect(covers({ resource: "pods" }, path)).toBe(false);
    expect(covers({}, path)).toBe(true);
    expect(covers({ path: "/healthz" })).toBe(false);
  });
});

test("the first declaration that covers a question answers it", () => {
  const declared = [
    { verb: "create", allowed: false, reason: "first" },
    { verb: "*", allowed: true, reason: "second" },
  ];
  expect(declaredAnswer(declared, question, "ann")?.reason).toBe("first");
  expect(declaredAnswer(declared, { ...question, verb: "get" }, "ann")?.reason).toBe("second");
});
