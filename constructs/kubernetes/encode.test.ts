import { App, TerraformStack } from "cdktf";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeResource } from "../../estate/decode.ts";
import { lookupIn, type TerraformDocument } from "../../estate/references.ts";
import { BINDINGS, terraformTypeOf } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { BhittiError } from "../../messages/message.ts";
import { arbitraryObject } from "./arbitrary-object.ts";
import { encodeObject } from "./encode.ts";
import { kubernetesResource } from "./resource.ts";

/** The object after a way through cdktf and its JSON. */
function roundTrip(object: KubernetesObject) {
  const stack = new TerraformStack(new App({ skipValidation: true }), "stack");
  kubernetesResource(stack, "object", object);
  const document = JSON.parse(JSON.stringify(stack.toTerraform())) as TerraformDocument;
  const type = terraformTypeOf(object) ?? "";
  return decodeResource(type, document.resource?.[type]?.object ?? {}, lookupIn(document));
}

describe("decoding undoes encoding", () => {
  test.each(BINDINGS)("for any $kind of $apiVersion", (binding) => {
    fc.assert(
      fc.property(arbitraryObject(binding), (object) => {
        const { object: decoded, unknown, undecoded } = roundTrip(object);
        expect({ unknown, undecoded }).toEqual({ unknown: [], undecoded: [] });
        expect(decoded).toEqual(object);
      }),
      { numRuns: 25, seed: 20261123 },
    );
  });
});

test("a Secret's bytes that are no text go into binary_data", () => {
  const data = { text: Buffer.from("${päss}").toString("base64"), bytes: Buffer.from([0xff, 0x00]).toString("base64") };
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace: "n" }, type: "Opaque", data };
  expect(encodeObject(secret).config).toMatchObject({ data: { text: "$${päss}" }, binaryData: { bytes: data.bytes } });
  expect(roundTrip(secret).object).toEqual(secret);
});

test("file modes are written as octal text", () => {
  const volume = { name: "v", configMap: { name: "c", defaultMode: 420, items: [{ key: "k", path: "p", mode: 256 }] } };
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p", namespace: "n" },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      shareProcessNamespace: true,
      volumes: [volume],
    },
  };
  expect(encodeObject(pod).config).toMatchObject({
    spec: { volume: [{ configMap: { defaultMode: "0644", items: [{ mode: "0400" }] } }] },
  });
  expect(roundTrip(pod).object).toEqual(pod);
});

test("empty selectors and rules, which mean everything, stay", () => {
  const policy = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "p", namespace: "n" },
    spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}, { from: [{ namespaceSelector: {} }] }] },
  };
  expect(roundTrip(policy).object).toEqual(policy);
});

test("a group in a binding gets no namespace from the provider", () => {
  const binding = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "b", namespace: "n" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "r" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "g" }],
  };
  expect(encodeObject(binding).config).toMatchObject({ subject: [{ namespace: "" }] });
  expect(roundTrip(binding).object).toEqual(binding);
});

test("nothing waits for nodes, volumes or load balancers", () => {
  const configOf = (apiVersion: string, kind: string) =>
    encodeObject({ apiVersion, kind, metadata: { name: "x", namespace: "n" } }).config;
  expect(configOf("apps/v1", "Deployment")).toMatchObject({ waitForRollout: false });
  expect(configOf("apps/v1", "StatefulSet")).toMatchObject({ waitForRollout: false });
  expect(configOf("apps/v1", "DaemonSet")).toMatchObject({ waitForRollout: false });
  expect(configOf("batch/v1", "Job")).toMatchObject({ waitForCompletion: false });
  expect(configOf("v1", "PersistentVolumeClaim")).toMatchObject({ waitUntilBound: false });
  expect(configOf("v1", "Service")).toMatchObject({ waitForLoadBalancer: false });
  expect(configOf("v1", "Pod")).toMatchObject({ targetState: ["Pending", "Running", "Succeeded"] });
});

test("the service account that is there already is changed, not made", () => {
  const account = {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "default", namespace: "n" },
    automountServiceAccountToken: false,
  };
  expect(terraformTypeOf(account)).toBe("kubernetes_default_service_account_v1");
  expect(roundTrip(account).object).toEqual(account);
});

describe("what the bindings cannot express is refused with its path", () => {
  const refusals: readonly (readonly [string, KubernetesObject, string])[] = [
    [
      "a kind without a resource",
      { apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingAdmissionPolicy", metadata: { name: "p" } },
      "BH2003 the Terraform resource for ValidatingAdmissionPolicy p cannot express 'apiVersion'",
    ],
    [
      "a field that is newer than the provider",
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "p", namespace: "n" },
        spec: { containers: [{ name: "c", restartPolicyRules: [] }] },
      },
      "BH2003 the Terraform resource for Pod n/p cannot express 'spec.containers[0].restartPolicyRules'",
    ],
    [
      "an empty class, which the provider would not send",
      {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: "p", namespace: "n" },
        spec: { storageClassName: "" },
      },
      "BH2003 the Terraform resource for PersistentVolumeClaim n/p cannot express 'spec.storageClassName'",
    ],
    [
      "a text where the API has an integer",
      { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "d", namespace: "n" }, spec: { replicas: "3" } },
      `BH2004 'spec.replicas' of Deployment n/d is "3", where the API has an integer`,
    ],
  ];
  test.each(refusals)("%s", (_, object, told) => {
    expect(() => encodeObject(object)).toThrow(BhittiError);
    expect(() => encodeObject(object)).toThrow(told);
  });
});
