import { entries } from "./entry.ts";

export const estateMessages = entries({
  BH2000: { severity: "error", text: "{detail}", explain: "placeholder" },
});
