/** What the local control plane is made of. The Go modules under control-plane/ pin the same versions. */
export const KUBERNETES_VERSION = "1.35.4";
export const ETCD_VERSION = "3.6.7";

export const PROGRAMS = ["etcd", "kube-apiserver", "kube-controller-manager"] as const;
export type Program = (typeof PROGRAMS)[number];

/** A machine as releases name it. */
export interface Platform {
  readonly os: string;
  readonly arch: string;
}

export function thisPlatform(): Platform {
  const arch = { x64: "amd64", arm64: "arm64" }[process.arch as string] ?? process.arch;
  return { os: process.platform, arch };
}

/** The first `1.2.3` of what a program says of its version. */
export const versionIn = (text: string): string | undefined => /\bv?(\d+\.\d+\.\d+)\b/.exec(text)?.[1];
