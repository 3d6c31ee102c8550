import { LABELS } from "../contracts.ts";
import type { Estate, EstateObject } from "../estate/estate.ts";
import { inNamespace, labelsOf, mapOf, mapsOf, ofKind, textAt } from "./estate-view.ts";

/** How long a class of logs is kept. */
export interface Retention {
  readonly logs: string;
  /** Undefined where it is no whole number of days (`365d`). */
  readonly days: number | undefined;
}

export interface LogSink {
  /** The ConfigMap of its pipeline. */
  readonly config: EstateObject;
  readonly retention: readonly Retention[];
  /** Vector's configuration. */
  readonly pipeline: Readonly<Record<string, unknown>>;
}

const PIPELINE = "vector.json";

/**
 * Log sinks of an estate: ConfigMaps of the layer soc that hold a pipeline.
 *
 * @throws SyntaxError where one is no JSON: a rule that cannot read it must not pass
 */
export const sinksOf = (estate: Estate): readonly LogSink[] =>
  ofKind(estate, "Namespace")
    .filter(({ object }) => labelsOf(object)[LABELS.layer] === "soc")
    .flatMap((namespace) => inNamespace(estate, namespace, "ConfigMap"))
    .flatMap((config) => {
      const pipeline = textAt(config.object["data"], PIPELINE);
      if (pipeline === undefined) return [];
      const retention = mapsOf(JSON.parse(textAt(config.object["data"], "retention.json") ?? "[]"));
      return [{ config, pipeline: mapOf(JSON.parse(pipeline)), retention: retention.map(retentionOf) }];
    });

function retentionOf(entry: Readonly<Record<string, unknown>>): Retention {
  const days = /^([1-9][0-9]*)d$/.exec(textAt(entry, "keep") ?? "")?.[1];
  return { logs: textAt(entry, "logs") ?? "", days: days === undefined ? undefined : Number(days) };
}
