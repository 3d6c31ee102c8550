import { entries } from "./entry.ts";

export const policyMessages = entries({
  BH3000: { severity: "error", text: "{detail}", explain: "placeholder" },
});
