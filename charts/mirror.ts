/** Where an environment keeps its own copy of what the platform is made of. */
export interface Mirror {
  /** What images are named under, with the slash at its end: `registry.example.gov.bd/platform/`. */
  readonly prefix: string;
}

/**
 * The mirror of an environment's registries: the first that does not belong to a zone; undefined where there is none.
 *
 * @param registries `registries` of environment.yaml
 */
export function mirrorOf(registries: readonly { readonly prefix: string }[]): Mirror | undefined {
  const found = registries.find(({ prefix }) => !prefix.includes("{zone}"));
  return found && { prefix: found.prefix };
}

/**
 * An image's name in the mirror: its path stays and its registry goes, so that a chart's one setting for the registry is enough.
 * `quay.io/cilium/cilium:v1.20.0` is `registry.example.gov.bd/platform/cilium/cilium:v1.20.0`. What lies in the mirror already stays.
 */
export const mirroredImage = ({ prefix }: Mirror, image: string): string =>
  image.startsWith(prefix) ? image : `${prefix}${pathOf(image)}`;

/** Registry and path of the mirror as charts take it for `global.imageRegistry`: without the slash at its end. */
export const mirrorRegistry = ({ prefix }: Mirror): string => prefix.replace(/\/$/, "");

/** The repository of charts in the mirror. */
export const mirrorChartRepository = (mirror: Mirror): string => `oci://${mirrorRegistry(mirror)}/charts`;

/** A name without its registry, which is what holds a dot or a port, or is `localhost`, before the first slash. */
function pathOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? rest.join("/") : image;
}
