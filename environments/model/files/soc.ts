import { z } from "zod";
import type { Message } from "../../../messages/message.ts";
import { componentFaults } from "../component.ts";
import type { Known, SourceFiles } from "../known.ts";
import { at, duplicates, items } from "../placed.ts";
import { component, duration, memory } from "../values.ts";

export const socFile = z
  .strictObject({
    sink: z.strictObject({
      ...component,
      storage: memory.meta({ description: "Size of the volume that logs are kept on.", examples: ["5Gi"] }),
      retention: z
        .array(
          z.strictObject({
            logs: z.enum(["audit", "gateway", "identity", "zones"]),
            keep: duration.meta({ examples: ["180d"] }),
          }),
        )
        .min(1),
    }),
  })
  .meta({ title: "SOC: where logs go and how long they stay" });

export type Soc = z.infer<typeof socFile>;

export const socFaults = (files: SourceFiles, known: Known): Message[] => [
  ...at(files.byKind.soc, ["sink"]).flatMap((sink) => componentFaults(sink, files, known)),
  ...duplicates(items(files.byKind.soc, ["sink", "retention"]), "logs"),
];
