import { entries } from "./entry.ts";

/** BH5nnn: the control plane of `bhitti local`, and where its programs come from. */
export const localMessages = entries({
  BH5001: {
    severity: "error",
    text: "no control plane could be had: {tried}",
    remedy:
      "put etcd, kube-apiserver and kube-controller-manager {version} on PATH, or let this machine reach dl.k8s.io, or install Go 1.25 or later",
    explain:
      "Bhitti looks on PATH, in the user's cache folder, at the official release (with its checksum), and last builds the pinned Go modules. All of these failed for the reasons given.",
  },
  BH5002: {
    severity: "error",
    text: "{file} has checksum {got}, the release says {wanted}",
    remedy:
      "try again; if it stays so, something between this machine and the release changes files, so do not use them",
    explain: "A download is made executable only once its SHA-256 sum is the published one. This one was removed.",
  },
  BH5003: {
    severity: "error",
    text: "the build of {program} failed: {detail}",
    remedy: "read {log}",
    explain:
      "The Go build of the pinned modules under scripts/toolchain/control-plane did not succeed. Its whole output is in the log.",
  },
  BH5010: {
    severity: "error",
    text: "{server} ended while it started: {detail}",
    remedy: "read {log}; 'bhitti local down --delete-data' begins anew",
    explain: "The server's process ended before the control plane was ready. The last lines of its log are quoted.",
  },
  BH5011: {
    severity: "error",
    text: "the API server was not ready within {seconds} s: {detail}",
    remedy: "read {log}; on a busy machine run the command again, it goes on where it stopped",
    explain: "The API server answers /readyz with 200 once it can serve. It had not by then.",
  },
  BH5012: {
    severity: "error",
    text: "another 'bhitti local' (process {pid}) works on {folder}",
    remedy: "wait until it is done",
    explain: "Two commands at a time would start servers twice. The lock goes away with the process that holds it.",
  },
  BH5013: {
    severity: "error",
    text: "{server} (process {pid}) did not end, not even when killed",
    remedy: "end it by hand, then run the command again",
    explain: "The process was sent SIGTERM and then SIGKILL and was still there afterwards.",
  },
  BH5100: {
    severity: "error",
    text: "{attempt} was to be {expected} (rule {rule}), but the API server answered {status}: {answer}",
    remedy: "compare with 'bhitti drift local': somebody may have changed the guardrails in the cluster",
    explain:
      "After a deploy, Bhitti tries the guardrails on the running API server. One of them did not behave as the rules say, so the cluster is not guarded as stated.",
  },
});
