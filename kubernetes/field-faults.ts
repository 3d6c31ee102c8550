import { nearest } from "../messages/nearest.ts";
import { childPath, itemPath } from "./path.ts";
import { fieldType, type Scalar, type TypeText } from "./schema.ts";

/** Something in an object's form that the API server would refuse before any policy sees it. */
export interface FieldFault {
  /** `spec.template.spec.containers[0].image` */
  readonly path: string;
  /** `is no text`, `is no field; did you mean 'template'?` */
  readonly reason: string;
}

/** A fault of a field's name or type. */
export interface FormFault extends FieldFault {
  /** The path as keys and places in lists, each from 0. */
  readonly keys: readonly (string | number)[];
}

/**
 * Where a value has fields of other names or types than the API's; null stands for an absent field, as it does there. At most
 * twenty faults are told.
 */
export function fieldFaults(value: unknown, type: TypeText): readonly FormFault[] {
  const faults: FormFault[] = [];
  visit(value, type, "", []);
  return faults;

  function visit(value: unknown, text: TypeText, path: string, keys: FormFault["keys"]): void {
    if (value === null || value === undefined || faults.length >= 20) return;
    const type = fieldType(text);
    if (type.form === "scalar") {
      const wanted = misfit(value, type.scalar);
      if (wanted) faults.push({ path, keys, reason: `is ${wanted}` });
      return;
    }
    if (type.form === "list") {
      if (!Array.isArray(value)) faults.push({ path, keys, reason: "is no list" });
      else for (const [i, item] of value.entries()) visit(item, type.item, itemPath(path, i), [...keys, i]);
      return;
    }
    if (typeof value !== "object" || Array.isArray(value)) {
      faults.push({ path, keys, reason: "is no mapping" });
      return;
    }
    for (const [key, member] of Object.entries(value)) {
      const here = childPath(path, key);
      const within = [...keys, key];
      if (type.form === "map") visit(member, type.value, here, within);
      else if (Object.hasOwn(type.fields, key)) visit(member, type.fields[key] ?? "any", here, within);
      else {
        const meant = nearest(key, Object.keys(type.fields));
        faults.push({ path: here, keys: within, reason: `is no field${meant ? `; did you mean '${meant}'?` : ""}` });
      }
    }
  }
}

const isWhole = (value: unknown): boolean =>
  typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));

/** What is wrong with a value of a scalar type; undefined where nothing is. */
function misfit(value: unknown, scalar: Scalar): string | undefined {
  switch (scalar) {
    case "any":
      return undefined;
    case "integer":
      return isWhole(value) ? undefined : "no whole number";
    case "number":
      return typeof value === "number" || typeof value === "bigint" ? undefined : "no number";
    case "boolean":
      return typeof value === "boolean" ? undefined : "neither true nor false";
    case "int-or-string":
      return isWhole(value) || typeof value === "string" ? undefined : "neither a whole number nor text";
    case "quantity":
      return typeof value === "string" || typeof value === "number" ? undefined : "no quantity";
    default:
      return typeof value === "string" ? undefined : "no text; put it in quotes";
  }
}
