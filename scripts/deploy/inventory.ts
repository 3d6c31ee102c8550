import { EXIT, inventoryName, LABELS, MANAGER, RECORD_NAMESPACE } from "../../contracts.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { BhittiError, message } from "../../messages/message.ts";
import { type ClusterClient, statusText } from "./cluster-client.ts";
import { type ObjectReference, referenceKey, referenceOf } from "./objects.ts";

/** What a stack may have put into the cluster. */
export interface InventoryEntry extends ObjectReference {
  /** False where the stack never gave the object the manager's label, so that its absence means nothing. */
  readonly labelled: boolean;
}

/** The inventories of one cluster, as read once; nobody else may write them meanwhile. */
export interface Inventories {
  /** Stacks that have one, sorted. */
  readonly stacks: () => readonly string[];
  /** What a stack may have put there; empty where it has none. */
  readonly of: (stack: string) => readonly InventoryEntry[];
  /** True where the last deploy of the stack reached its end. */
  readonly complete: (stack: string) => boolean;
  /** True where a stack other than `stack` has the object in its inventory and did not let go of it. */
  readonly heldByOther: (key: string, stack: string) => boolean;
  /** Lets go of an object at once, before the inventory is written, so that two stacks never both leave it to the other. */
  readonly release: (key: string, stack: string) => void;
  /**
   * Writes a stack's inventory where it differs.
   *
   * @throws BhittiError BH4014 where another deploy wrote it meanwhile
   */
  readonly save: (stack: string, entries: readonly InventoryEntry[], complete: boolean) => Promise<void>;
  /** @throws BhittiError BH4014 where another deploy wrote it meanwhile */
  readonly remove: (stack: string) => Promise<void>;
}

interface Held {
  readonly entries: ReadonlyMap<string, InventoryEntry>;
  readonly complete: boolean;
  readonly resourceVersion: string;
  readonly released: Set<string>;
}

const collection = `/api/v1/namespaces/${RECORD_NAMESPACE}/configmaps`;
const prefix = inventoryName("");

export const entryOf = (object: KubernetesObject): InventoryEntry => ({
  ...referenceOf(object),
  labelled: object.metadata.labels?.[LABELS.managedBy] === MANAGER,
});

/** True for the ConfigMaps in which Bhitti keeps its own records of a cluster. */
export const isInventory = (namespace: string, name: string): boolean =>
  namespace === RECORD_NAMESPACE && name.startsWith(prefix);

/** Reads every inventory of a cluster with one request. One ConfigMap holds some 8,000 objects (1 MiB). */
export async function readInventories(client: ClusterClient): Promise<Inventories> {
  const reply = await client.request({
    method: "GET",
    path: collection,
    query: { labelSelector: `${LABELS.managedBy}=${MANAGER}` },
  });
  if (reply.status !== 200) throw refused(client, `reading inventories in ${RECORD_NAMESPACE}`, statusText(reply));
  const items = (reply.body as { items: ConfigMap[] }).items.filter((c) => c.metadata.name.startsWith(prefix));
  const held = new Map(items.map((item) => [item.metadata.name.slice(prefix.length), heldOf(item)]));

  return {
    stacks: () => [...held.keys()].sort(),
    of: (stack) => [...(held.get(stack)?.entries.values() ?? [])],
    complete: (stack) => held.get(stack)?.complete ?? false,
    heldByOther: (key, stack) =>
      [...held].some(([other, h]) => other !== stack && h.entries.has(key) && !h.released.has(key)),
    release: (key, stack) => held.get(stack)?.released.add(key),
    async save(stack, entries, complete) {
      const present = held.get(stack);
      const objects = format(entries);
      if (present && present.complete === complete && format([...present.entries.values()]) === objects) return;
      const body = {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: {
          name: inventoryName(stack),
          namespace: RECORD_NAMESPACE,
          labels: { [LABELS.managedBy]: MANAGER, [LABELS.stack]: stack },
          ...(present ? { resourceVersion: present.resourceVersion } : {}),
        },
        data: { complete: String(complete), objects },
      };
      const written = present
        ? await client.request({ method: "PUT", path: `${collection}/${inventoryName(stack)}`, body })
        : await client.request({ method: "POST", path: collection, body });
      if (written.status === 409) throw new BhittiError(message("BH4014", { stack }), EXIT.toolFailed);
      if (written.status >= 300) throw refused(client, `writing the inventory of ${stack}`, statusText(written));
      held.set(stack, heldOf(written.body as ConfigMap));
    },
    async remove(stack) {
      const resourceVersion = held.get(stack)?.resourceVersion;
      const gone = await client.request({
        method: "DELETE",
        path: `${collection}/${inventoryName(stack)}`,
        // What another deploy has written since lists objects that we know nothing of.
        body: {
          apiVersion: "v1",
          kind: "DeleteOptions",
          ...(resourceVersion ? { preconditions: { resourceVersion } } : {}),
        },
      });
      if (gone.status === 409) throw new BhittiError(message("BH4014", { stack }), EXIT.toolFailed);
      if (gone.status >= 300 && gone.status !== 404) {
        throw refused(client, `removing the inventory of ${stack}`, statusText(gone));
      }
      held.delete(stack);
    },
  };
}

interface ConfigMap {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly data?: Readonly<Record<string, string>>;
}

const heldOf = (item: ConfigMap): Held => ({
  entries: new Map(parse(item.data?.objects ?? "").map((entry) => [referenceKey(entry), entry])),
  complete: item.data?.complete === "true",
  resourceVersion: item.metadata.resourceVersion,
  released: new Set(),
});

/** One line an object, `apiVersion kind namespace name`, so that a person can read it with any client. */
function format(entries: readonly InventoryEntry[]): string {
  const lines = entries.map(
    (e) => `${e.apiVersion} ${e.kind} ${e.namespace || "-"} ${e.name}${e.labelled ? "" : " unlabelled"}\n`,
  );
  return [...new Set(lines)].sort().join("");
}

function parse(text: string): InventoryEntry[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [apiVersion = "", kind = "", namespace = "", name = "", mark] = line.split(" ");
      return {
        apiVersion,
        kind,
        namespace: namespace === "-" ? "" : namespace,
        name,
        labelled: mark !== "unlabelled",
      };
    });
}

export const refused = (client: ClusterClient, what: string, reason: string): BhittiError =>
  new BhittiError(message("BH4003", { cluster: client.cluster, what, reason }), EXIT.toolFailed);
