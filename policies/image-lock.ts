import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { BhittiError, compareMessages } from "../messages/message.ts";
import { COMMON_FORMATS, formatted } from "../yaml/formats.ts";
import { readSource } from "../yaml/read.ts";
import { validate } from "../yaml/validate.ts";

/**
 * Every image that was looked at before it may run, by digest. Whoever writes it, by hand or from a lock of charts, answers for having
 * verified what the digest names: signature, contents, origin.
 */
export interface ImageLock {
  /** `registry.example.gov.bd/platform/envoy@sha256:…`: as it is named in the registry that clusters pull from. */
  readonly images: readonly string[];
}

/** Path of the lock in a repository. */
export const IMAGE_LOCK = "images.lock.yaml";

/** The schema of images.lock.yaml. */
export const IMAGE_LOCK_FILE = z
  .strictObject({
    images: z.array(
      formatted(
        "locked-image",
        /^[a-z0-9][a-z0-9.-]*(:\d+)?(\/[a-z0-9][a-z0-9._-]*)+@sha256:[0-9a-f]{64}$/,
        "Registry, path and digest of an image, without a tag.",
        [`registry.example.gov.bd/platform/envoy@sha256:${"0".repeat(64)}`],
      ),
    ),
  })
  .meta({ title: "Images that may run, by digest" });

const repository = fileURLToPath(new URL("..", import.meta.url));

/**
 * The lock of a repository; undefined where it has none.
 *
 * @throws BhittiError with every fault of the file
 */
export function loadImageLock(root: string = repository): ImageLock | undefined {
  if (!existsSync(join(root, IMAGE_LOCK))) return undefined;
  const source = readSource(root, IMAGE_LOCK);
  const formats = {
    ...COMMON_FORMATS,
    "locked-image": ["BH1025", () => "write registry/path@sha256:digest, without a tag"] as const,
  };
  const checked = validate(source, IMAGE_LOCK_FILE, formats);
  const messages = [...source.messages, ...checked.messages];
  if (messages.length > 0 || !checked.data) throw new BhittiError([...messages].sort(compareMessages));
  return checked.data;
}
