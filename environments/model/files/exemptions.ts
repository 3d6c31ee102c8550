import { z } from "zod";
import type { Message } from "../../../messages/message.ts";
import { formatted, text } from "../../../yaml/formats.ts";
import type { SourceFiles } from "../known.ts";
import { duplicates, items } from "../placed.ts";
import { day, person, RULE_ID } from "../values.ts";

export const exemptionsFile = z
  .strictObject({
    exemptions: z.array(
      z.strictObject({
        id: formatted("pattern", /^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/, "Letters, digits and hyphens; never used again.", [
          "EX-2026-001",
        ]),
        rule: formatted("rule-id", RULE_ID, "The rule that need not be followed; a soft-mandatory one.", [
          "pod-security/no-host-path",
        ]),
        subject: z
          .strictObject({
            kind: text("As in the object.", "DaemonSet"),
            namespace: text(
              "Its namespace; left out for an object of the cluster as a whole.",
              "bhitti-soc",
            ).optional(),
            name: text("Its name, in full.", "node-logs"),
            maximumObjects: z
              .int()
              .min(1)
              .max(1000)
              .meta({ description: "How many objects it may cover, over all clusters.", examples: [1] }),
          })
          .meta({ description: "One object. A workload stands for what its controllers make of it, too." }),
        reason: text("Why the rule cannot be followed.", "The collector reads the logs of its node"),
        legalBasis: text("What allows it, or obliges to it.", "Cyber Security Ordinance 2025, incident logs"),
        owner: person("Who answers for it."),
        approver: person("Who agreed to it: not the owner."),
        issued: day.meta({ description: "The first day on which it holds." }),
        expires: day.meta({ description: "The last day on which it holds." }),
        compensatingControl: text("What holds the risk down meanwhile.", "Read-only mount of one folder"),
      }),
    ),
  })
  .meta({ title: "Exemptions: dated, owned and approved permissions to differ from a rule (may be left out)" });

export type Exemption = z.infer<typeof exemptionsFile>["exemptions"][number];

export const exemptionFaults = ({ byKind }: SourceFiles): Message[] =>
  duplicates(items(byKind.exemptions, ["exemptions"]), "id");
