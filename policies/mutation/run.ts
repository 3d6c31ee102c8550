import { loadRules } from "../rules.ts";
import { percentOf, scoreOf } from "./score.ts";

/** `npm run test:mutation [rule…]`: how many mutants of each rule its examples notice, and which they do not. */
const wanted = process.argv.slice(2);
const rules = loadRules().filter(({ id }) => wanted.length === 0 || wanted.some((part) => id.includes(part)));
const scores = rules.map((rule) => {
  const score = scoreOf(rule);
  const { mutants, killed, survivors, equivalent } = score;
  console.log(
    `${percentOf([score]).toFixed(1).padStart(5)} %  ${`${killed}/${mutants}`.padStart(9)}  ${rule.id}${equivalent > 0 ? ` (${equivalent} equivalent)` : ""}`,
  );
  for (const { place, change, text } of survivors) {
    console.log(`         survives: ${place}: ${change}: ${text.replace(/\s+/g, " ").trim()}`);
  }
  for (const entry of score.idle) console.log(`         listed as equivalent, but killed or gone: ${entry}`);
  return score;
});
console.log(
  `${percentOf(scores).toFixed(1).padStart(5)} %  of ${scores.reduce((sum, s) => sum + s.mutants, 0)} mutants of ${rules.length} rules`,
);
