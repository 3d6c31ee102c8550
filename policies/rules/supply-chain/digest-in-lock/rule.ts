import type { EstateObject } from "../../../../estate/estate.ts";
import type { EstateRule } from "../../../estate-rule.ts";
import { mapOf, mapsOf, ofKind, textAt } from "../../../estate-view.ts";
import { IMAGE_LOCK } from "../../../image-lock.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Kinds with a pod in them, and where its template lies. */
const TEMPLATES: Readonly<Record<string, (object: Fields) => unknown>> = {
  CronJob: ({ spec }) => mapOf(mapOf(mapOf(spec)["jobTemplate"])["spec"])["template"],
  DaemonSet: ({ spec }) => mapOf(spec)["template"],
  Deployment: ({ spec }) => mapOf(spec)["template"],
  Job: ({ spec }) => mapOf(spec)["template"],
  Pod: (object) => object,
  PodTemplate: ({ template }) => template,
  ReplicaSet: ({ spec }) => mapOf(spec)["template"],
  ReplicationController: ({ spec }) => mapOf(spec)["template"],
  StatefulSet: ({ spec }) => mapOf(spec)["template"],
};

function imagesOf({ object }: EstateObject): readonly string[] {
  const pod = mapOf(mapOf(TEMPLATES[object.kind]?.(mapOf(object)))["spec"]);
  const containers = ["initContainers", "containers", "ephemeralContainers"].flatMap((key) => mapsOf(pod[key]));
  const volumes = mapsOf(pod["volumes"]).flatMap((volume) => textAt(volume, "image", "reference") ?? []);
  return [...new Set([...containers.map((container) => textAt(container, "image") ?? ""), ...volumes])];
}

/** Without the tag that may stand before a digest: the digest decides. */
const named = (image: string): string => image.replace(/:[^:/@]+@/, "@");

/** Every image of the estate's pods stands in the repository's lock, by digest. */
export const rule: EstateRule = {
  id: "supply-chain/digest-in-lock",
  title: "Every image stands in the lock, by its digest",
  titleBangla: "প্রতিটি ইমেজ তার ডাইজেস্টসহ লক-ফাইলে থাকে",
  rationale:
    "A digest says that an image stays what it is, not that anybody looked at it. The lock lists what was: signature, contents and origin are verified when a line is added, and reviewed with it. Custom resources that name images are left to their own charts' lock.",
  rationaleBangla:
    "ডাইজেস্ট বলে ইমেজটি যা ছিল তা-ই আছে, কেউ দেখেছে কি না তা বলে না। যা দেখা হয়েছে তার তালিকা লক-ফাইল: একটি লাইন যোগ করার সময় স্বাক্ষর, বিষয়বস্তু ও উৎস যাচাই ও পর্যালোচনা হয়। যেসব কাস্টম রিসোর্স ইমেজের নাম লেখে সেগুলো নিজ নিজ চার্টের লকের বিষয়।",
  reference: "https://slsa.dev/spec/v1.0/verifying-artifacts",
  severity: "high",
  level: "soft-mandatory",
  controls: ["software-integrity", "software-provenance"],
  kinds: Object.keys(TEMPLATES),
  reads: ["spec", "template"],
  notRun: ({ lock }) => (lock ? undefined : `the repository holds no ${IMAGE_LOCK}`),
  judge: (estate, { lock }) => {
    const known = new Set(lock?.images);
    return ofKind(estate, ...Object.keys(TEMPLATES)).map((entry) => ({
      subject: entry,
      failures: imagesOf(entry)
        .filter((image) => !known.has(named(image)))
        .map(
          (image) =>
            `the image '${image.slice(0, 160)}' is not in ${IMAGE_LOCK}; have it verified, then add it by digest`,
        ),
    }));
  },
};
