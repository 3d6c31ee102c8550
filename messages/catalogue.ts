import { apiHubMessages } from "./api-hub.ts";
import { capacityMessages } from "./capacity.ts";
import { chartMessages } from "./charts.ts";
import { commandLineMessages } from "./command-line.ts";
import { continuityMessages } from "./continuity.ts";
import { deployMessages } from "./deploy.ts";
import type { Entry } from "./entry.ts";
import { environmentMessages } from "./environment.ts";
import { estateMessages } from "./estate.ts";
import { evidenceMessages } from "./evidence.ts";
import { exemptionMessages } from "./exemption.ts";
import { lawMessages } from "./laws.ts";
import { localMessages } from "./local.ts";
import { policyMessages } from "./policy.ts";
import { policyEvalMessages } from "./policy-eval.ts";
import { policyLintMessages } from "./policy-lint.ts";
import { policyLiveMessages } from "./policy-live.ts";
import { promotionMessages } from "./promotion.ts";

/** Every message of Bhitti, by its code. One file per room that speaks; a code is never reused for something else. */
export const CATALOGUE = {
  ...environmentMessages, // BH1nnn
  ...continuityMessages, // BH115n to BH119n
  ...apiHubMessages, // BH11nn
  ...capacityMessages, // BH120n
  ...promotionMessages, // BH125n
  ...chartMessages, // BH130n to BH133n
  ...estateMessages, // BH2nnn synthesis and estate
  ...policyMessages, // BH30nn
  ...policyLintMessages, // BH31nn
  ...exemptionMessages, // BH32nn
  ...policyLiveMessages, // BH33nn
  ...policyEvalMessages, // BH38nn
  ...lawMessages, // BH35nn
  ...deployMessages, // BH4nnn
  ...localMessages, // BH5nnn control plane and local
  ...evidenceMessages, // BH6nnn
  ...commandLineMessages, // BH9nnn
} satisfies Record<`BH${number}`, Entry>;

export type Code = keyof typeof CATALOGUE;
