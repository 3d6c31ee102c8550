import { LABELS } from "../contracts.ts";
import type { Estate, EstateObject } from "../estate/estate.ts";
import { labelsOf, ofKind, textAt } from "./estate-view.ts";

/** Records of grants: ConfigMaps that say who may call which API, what for and on what basis. */
export const grantRecords = (estate: Estate): readonly EstateObject[] =>
  ofKind(estate, "ConfigMap").filter(({ object }) => labelsOf(object)[LABELS.grant] !== undefined);

/** What a record says under a key; empty where it says nothing. */
export const grantSays = ({ object }: EstateObject, key: string): string => (textAt(object["data"], key) ?? "").trim();
