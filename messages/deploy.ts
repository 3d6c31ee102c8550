import { entries } from "./entry.ts";

export const deployMessages = entries({
  BH4000: { severity: "error", text: "{detail}", explain: "placeholder" },
});
