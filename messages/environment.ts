import { entries } from "./entry.ts";

export const environmentMessages = entries({
  BH1000: { severity: "error", text: "{detail}", explain: "placeholder" },
});
