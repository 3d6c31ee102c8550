import type { KubernetesObject } from "../kubernetes/object.ts";
import type { Position } from "../messages/message.ts";

/** Every Kubernetes object that an environment's stacks would create, and what could not be read as one. */
export interface Estate {
  readonly environment: string;
  /** In deploy order: a stack comes after all that it depends on. */
  readonly stacks: readonly EstateStack[];
  /** Sorted by stack order, then Terraform address, then file within a chart. */
  readonly objects: readonly EstateObject[];
  /** Never dropped: whatever the stacks hold that is neither a Kubernetes object nor known to be none. */
  readonly undecoded: readonly Undecoded[];
}

export interface EstateStack {
  readonly id: string;
  readonly dependencies: readonly string[];
  /** Where its state lies and which programs deploy it; absent where it is no Terraform stack. */
  readonly terraform?: StackTerraform;
}

/** What a stack says to Terraform itself. */
export interface StackTerraform {
  /** Absent: a file beside the stack. Settings are as the stack states them, `${…}` for what only Terraform knows. */
  readonly backend?: { readonly type: string; readonly settings: Readonly<Record<string, unknown>> };
  /** Sorted by name. */
  readonly providers: readonly StackProvider[];
}

export interface StackProvider {
  /** As the stack calls it. */
  readonly name: string;
  /** `kubernetes`, `hashicorp/aws`, `registry.example.gov/platform/thing`: as Terraform's required_providers has it. */
  readonly source: string;
}

export interface EstateObject {
  readonly object: KubernetesObject;
  readonly stack: string;
  /** `kubernetes_namespace_v1.zone`, or `helm_release.policies` for an object of a chart. */
  readonly address: string;
  /** The template file within the chart, where `address` is a release. */
  readonly chartFile?: string;
  /** The line of YAML that the object comes from, where the stack said so. */
  readonly position?: Position;
  /** Paths within the object (`spec.replicas`) whose value only Terraform knows. The object holds the `${…}` text there. */
  readonly unknown: readonly string[];
}

export interface Undecoded {
  readonly stack: string;
  readonly address: string;
  /** Why, in a few words: "third-party chart", "no Kubernetes object: kubernetes_labels", "count is unknown". */
  readonly reason: string;
}
