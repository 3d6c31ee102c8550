import { type Message, message } from "../../messages/message.ts";
import { FAILURE_LEVELS } from "./failure-level.ts";
import type { Known, SourceFiles } from "./known.ts";
import { at, items, type Placed, positionOf, refers, stringsOf } from "./placed.ts";
import { HOST_NAME } from "./values.ts";

/** What is wrong with a component of the platform: its cluster, its host, its image. */
export function componentFaults(component: Placed, files: SourceFiles, known: Known): Message[] {
  return [
    ...refers(component, "cluster", "cluster", known.cluster),
    ...standbyFaults(component, [component], files, known),
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

/**
 * What survives the loss of a site has to have another site to go to.
 *
 * @param home what names `cluster` and `standby`: a component or a zone
 * @param services what runs there, each with its level
 */
export function standbyFaults(
  home: Placed,
  services: readonly Placed[],
  { byKind }: SourceFiles,
  known: Known,
): Message[] {
  const { cluster, standby } = home.value;
  if (standby === undefined) {
    return services
      .filter(({ value }) => elsewhere(value["failure"]))
      .map((service) => message("BH1085", { level: String(service.value["failure"]) }, positionOf(service, "failure")));
  }
  const siteOf = (name: unknown): unknown =>
    items(byKind.clusters, ["clusters"]).find(({ value }) => value["name"] === name)?.value["site"];
  const site = siteOf(standby);
  const same = typeof site === "string" && site === siteOf(cluster);
  return [
    ...refers(home, "standby", "cluster", known.cluster),
    ...(same ? [message("BH1086", { standby: String(standby), site }, positionOf(home, "standby"))] : []),
  ];
}

const elsewhere = (level: unknown): boolean =>
  Object.entries(FAILURE_LEVELS).some(([name, { elsewhere: other }]) => other && name === level);
