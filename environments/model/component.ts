import { type Message, message } from "../../messages/message.ts";
import type { Known, SourceFiles } from "./known.ts";
import { at, items, type Placed, positionOf, refers, stringsOf } from "./placed.ts";
import { HOST_NAME } from "./values.ts";

/** What is wrong with a component of the platform: its cluster, its host, its image. */
export function componentFaults(component: Placed, files: SourceFiles, known: Known): Message[] {
  return [
    ...refers(component, "cluster", "cluster", known.cluster),
    ...outsideDomain(component, files),
    ...foreignImage(component, files),
  ];
}

function outsideDomain(component: Placed, { byKind }: SourceFiles): Message[] {
  const domain = at(byKind.environment, []).map((e) => e.value["domain"])[0];
  if (typeof domain !== "string" || !HOST_NAME.test(domain)) return [];
  return stringsOf(component.value["host"])
    .filter((host) => HOST_NAME.test(host) && !host.endsWith(`.${domain}`))
    .map((value) => message("BH1035", { value, domain }, positionOf(component, "host")));
}

/**
 * An image from where no image may come from. One without a registry has that fault, and need not come from one.
 *
 * @param zone whose image it is; left out for components of the platform
 */
export function foreignImage(component: Placed, files: SourceFiles, zone?: string): Message[] {
  const registries = items(files.byKind.environment, ["registries"]).flatMap((r) => stringsOf(r.value["prefix"]));
  if (registries.length === 0) return [];
  const prefixes = prefixesOf(registries, zone);
  return stringsOf(component.value["image"])
    .filter((image) => /^[^/@]*[.:][^/@]*\//.test(image))
    .filter((image) => !prefixes.some((prefix) => image.toLowerCase().startsWith(prefix)))
    .map((value) => message("BH1036", { value, known: prefixes.join(", ") }, positionOf(component, "image")));
}

/** The prefixes that a zone may take images from, or what belongs to no zone. */
const prefixesOf = (prefixes: readonly string[], zone?: string): readonly string[] =>
  prefixes
    .filter((prefix) => zone !== undefined || !prefix.includes("{zone}"))
    .map((prefix) => prefix.replace("{zone}", zone ?? ""));
