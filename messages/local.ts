import { entries } from "./entry.ts";

export const localMessages = entries({
  BH5000: { severity: "error", text: "{detail}", explain: "placeholder" },
});
