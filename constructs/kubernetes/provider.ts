import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider/index.js";
import type { Construct } from "constructs";

/** How a provider finds its cluster: a file and a name in it, never a credential. */
export interface ClusterAccess {
  /** Path of a kubeconfig as Terraform sees it: relative to the stack's folder, absolute, or under `~`. */
  readonly configPath: string;
  readonly configContext: string;
}

export function kubernetesProvider(scope: Construct, access: ClusterAccess): KubernetesProvider {
  return new KubernetesProvider(scope, "kubernetes", { ...access });
}
