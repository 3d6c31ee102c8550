/** What long work says while it lasts. The command line prints it to standard error; tests pass `silent`. */
export interface Progress {
  /** Begins a step: one line, with the time it took once it ends. */
  step(text: string): Step;
}

export interface Step {
  /** Replaces what the running step says of itself, e.g. "412 of 1,930 packages". */
  update(detail: string): void;
  done(detail?: string): void;
  fail(detail?: string): void;
}

const nothing: Step = { update() {}, done() {}, fail() {} };
export const silent: Progress = { step: () => nothing };

const seconds = (since: number): string => `${((Date.now() - since) / 1000).toFixed(1)} s`;

/**
 * One line per step on a terminal, rewritten as it goes on; on anything else a line when a step lasts over a second, one
 * every ten seconds after that, and one at its end.
 */
export function terminalProgress(out: NodeJS.WriteStream = process.stderr): Progress {
  const colour = out.isTTY && !process.env.NO_COLOR;
  const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  return {
    step(text) {
      const since = Date.now();
      let detail = "";
      let said = 0;
      const line = () => `${text}${detail ? ` (${detail})` : ""}`;
      const tick = () => {
        if (out.isTTY) out.write(`\r\u001b[2K  … ${line()} ${seconds(since)}`);
        else if (Date.now() - said >= 10_000) {
          said = Date.now();
          out.write(`  … ${line()} ${seconds(since)}\n`);
        }
      };
      const timer = setInterval(tick, out.isTTY ? 200 : 1000);
      timer.unref();
      const end = (mark: string, last?: string) => {
        clearInterval(timer);
        if (last !== undefined) detail = last;
        out.write(`${out.isTTY ? "\r\u001b[2K" : ""}  ${mark} ${line()} ${paint(90, seconds(since))}\n`);
      };
      return {
        update(next) {
          detail = next;
        },
        done: (last) => end(paint(32, "✓"), last),
        fail: (last) => end(paint(31, "✗"), last),
      };
    },
  };
}
