import { ESTATE_RULES } from "../estate-rules.ts";
import { loadRules } from "../rules.ts";
import { codePercent, scoreEstateRules } from "./estate-score.ts";
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

const ofEstate = ESTATE_RULES.filter(({ id }) => wanted.length === 0 || wanted.some((part) => id.includes(part)));
// What rules share is judged by the examples of all of them, or by none.
const codes = (await scoreEstateRules(ofEstate)).filter(({ file }) => wanted.length === 0 || file.startsWith("rules/"));
for (const { file, mutants, killed, survivors } of codes) {
  console.log(
    `${codePercent([{ mutants, killed }]).toFixed(1).padStart(5)} %  ${`${killed}/${mutants}`.padStart(9)}  ${file}`,
  );
  for (const { line, change, text } of survivors) {
    console.log(`         survives: line ${line}: ${change}: ${text.replace(/\s+/g, " ").trim()}`);
  }
}
console.log(
  `${codePercent(codes).toFixed(1).padStart(5)} %  of ${codes.reduce((sum, c) => sum + c.mutants, 0)} mutants of the code of ${ofEstate.length} estate rules`,
);
console.log(
  `${percentOf(scores).toFixed(1).padStart(5)} %  of ${scores.reduce((sum, s) => sum + s.mutants, 0)} mutants of ${rules.length} rules`,
);
