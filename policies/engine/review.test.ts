import { expect, test } from "vitest";
import { requestOfReview } from "./review.ts";

const object = { apiVersion: "v1", kind: "Event", metadata: { name: "e", namespace: "n" }, reason: "Seen" };
const review = (request: unknown, apiVersion = "admission.k8s.io/v1") =>
  requestOfReview({ apiVersion, kind: "AdmissionReview", request });
const asked = { operation: "CREATE", userInfo: { username: "u" }, object };

test("what is said is taken, what is empty is left out", () => {
  expect(
    review({ ...asked, name: "", subResource: "", oldObject: null, dryRun: true, options: { kind: "x" } }),
  ).toEqual({
    operation: "CREATE",
    userInfo: { username: "u", groups: [], extra: {} },
    object,
    dryRun: true,
    options: { kind: "x" },
  });
});

test("an object without its kind has that of the request", () => {
  const { apiVersion: _, kind: __, ...bare } = object;
  const kind = { group: "events.k8s.io", version: "v1", kind: "Event" };
  expect(review({ ...asked, kind, object: bare })).toMatchObject({
    object: { apiVersion: "events.k8s.io/v1", kind: "Event" },
  });
});

test.each([
  [review(asked, "admission.k8s.io/v1beta1"), "apiVersion is 'admission.k8s.io/v1beta1'"],
  [review(undefined), "it has no request"],
  [review({ ...asked, operation: "PATCH" }), "request.operation is none of CREATE, UPDATE, DELETE, CONNECT"],
  [review({ ...asked, object: null }), "a CREATE has request.object"],
  [review({ ...asked, operation: "UPDATE" }), "a UPDATE has request.oldObject"],
  [review({ ...asked, operation: "DELETE" }), "a DELETE has request.oldObject"],
  [review({ ...asked, object: [] }), "request.object is no mapping"],
  [review({ ...asked, object: {} }), "request.object has no apiVersion and kind, and request.kind does not tell them"],
  [review({ ...asked, object: { ...object, metadata: "m" } }), "request.object.metadata is no mapping"],
  [review({ ...asked, userInfo: undefined }), "it has no request.userInfo"],
  [review({ ...asked, userInfo: { groups: "g" } }), "request.userInfo.groups is no list of texts"],
  [review({ ...asked, userInfo: { extra: { a: "b" } } }), "request.userInfo.extra is no mapping of lists of texts"],
  [review({ ...asked, name: 1 }), "request.name is no text"],
])("%j", (read, reason) => {
  expect(read).toEqual({ reason });
});
