import type { RatePlan, Suspension } from "../files/gateway.ts";
import type { Zone } from "../files/zone.ts";
import { DATA_CLASSES, type DataClass } from "../values.ts";
import { type ApiUse, type Approval, apiId, type PublishedApi } from "./api.ts";

/** An API with its publisher, and all that is granted or asked of it. What its facts rest on is said where they stand, in its zone. */
export interface Api extends Omit<PublishedApi, "grants" | "basis" | "source"> {
  /** The zone that publishes it. */
  readonly zone: string;
  /** Who answers for it: the agency of that zone, by its name, or the organisation of a partner. */
  readonly owner: string;
  /** Sorted by consumer. */
  readonly grants: readonly Grant[];
}

/**
 * What one zone may have of an API. It opens something only `in-force`: both sides stand in their files and agree.
 * `awaits-owner`: asked for, not granted, or for another purpose; `awaits-consumer`: granted, not asked for; `suspended`: agreed
 * by both, and closed by the platform.
 */
export type Grant =
  | (GrantedFields & { readonly state: "in-force" | "suspended" | "awaits-consumer"; readonly terms: Terms })
  | (GrantedFields & { readonly state: "awaits-owner"; readonly terms?: undefined });
export type GrantState = Grant["state"];
export type GrantInForce = Extract<Grant, { readonly terms: Terms }>;

interface GrantedFields {
  readonly consumer: string;
  readonly purpose: string;
  /** Those that both sides name, sorted; where one side waits for the other, those that the one names. */
  readonly fields: readonly string[];
  /** Asked for and not granted, sorted: closed. */
  readonly waiting: readonly string[];
  /** The highest class of `fields`. */
  readonly dataClass: DataClass;
}

/** What the owner agreed to. */
export interface Terms extends Pick<Approval, "legalBasis" | "granted" | "expires" | "onwardSharing"> {
  readonly ratePlan: RatePlan;
}

/** Grants that open something. */
export const inForce = ({ grants }: Pick<Api, "grants">): readonly GrantInForce[] =>
  grants.filter((grant): grant is GrantInForce => grant.state === "in-force");

/** Whether a grant of the API to this zone is in force. */
export function mayCall(zone: string, api: Pick<Api, "grants">): boolean {
  const known = CONSUMERS.get(api.grants) ?? new Set(inForce(api).map(({ consumer }) => consumer));
  CONSUMERS.set(api.grants, known);
  return known.has(zone);
}

/** Each zone of an environment asks each API, so a national one would be searched thousands of times. */
const CONSUMERS = new WeakMap<Api["grants"], ReadonlySet<string>>();

/** The class of a field: its own, or else its API's; undefined where the API has no such field. */
export function classOfField({ fields, dataClass }: Pick<PublishedApi, "fields" | "dataClass">, field: string) {
  const own = fields.find((f) => f.name === field);
  return own && (own.dataClass ?? dataClass);
}

/** Every API of an environment without faults, sorted by name and version, with what is granted of it. */
export function publishedApis(
  zones: readonly Zone[],
  ratePlans: readonly RatePlan[],
  suspensions: readonly Suspension[],
): readonly Api[] {
  const plans = new Map(ratePlans.map((plan) => [plan.name, plan]));
  const suspended = new Set(suspensions.map(({ zone }) => zone));
  const asked = requestsByApi(zones);
  const apis = zones.flatMap((zone) =>
    (zone.apis ?? []).map((own): Api => {
      const { basis: _basis, source: _source, ...api } = own;
      const requests = asked.get(apiId(api)) ?? [];
      const approvals = new Map(own.grants.map((grant) => [grant.consumer, grant]));
      const uses = new Map(requests.map(({ consumer, use }) => [consumer, use]));
      const consumers = [...new Set([...approvals.keys(), ...uses.keys()])].sort();
      return {
        ...api,
        zone: zone.name,
        owner: zone.agency ?? zone.owner.organisation,
        grants: consumers.map((consumer) =>
          grantOf(own, plans, suspended, { consumer, approval: approvals.get(consumer), use: uses.get(consumer) }),
        ),
      };
    }),
  );
  return apis.sort((a, b) => (apiId(a) < apiId(b) ? -1 : 1));
}

function requestsByApi(zones: readonly Zone[]): Map<string, { readonly consumer: string; readonly use: ApiUse }[]> {
  const requests = new Map<string, { consumer: string; use: ApiUse }[]>();
  for (const { name: consumer, uses = [] } of zones) {
    for (const use of uses) {
      const list = requests.get(use.api) ?? [];
      list.push({ consumer, use });
      requests.set(use.api, list);
    }
  }
  return requests;
}

interface Sides {
  readonly consumer: string;
  readonly approval: Approval | undefined;
  readonly use: ApiUse | undefined;
}

function grantOf(
  api: PublishedApi,
  plans: ReadonlyMap<string, RatePlan>,
  suspended: ReadonlySet<string>,
  { consumer, approval, use }: Sides,
): Grant {
  const agreed = use && approval && agreedFields(use, approval);
  const fields = [...(agreed ?? use?.fields ?? approval?.fields ?? [])].sort();
  const shared: GrantedFields = {
    consumer,
    purpose: use?.purpose ?? approval?.purpose ?? "",
    fields,
    waiting: agreed && use ? use.fields.filter((field) => !agreed.includes(field)).sort() : [],
    dataClass: highest(fields.flatMap((field) => classOfField(api, field) ?? [])),
  };
  if (!approval || (use && !agreed)) return { ...shared, state: "awaits-owner" };
  const { legalBasis, granted, expires, onwardSharing } = approval;
  const ratePlan = plans.get(approval.ratePlan);
  // Cannot be: a plan that is none is a fault.
  if (!ratePlan) throw new Error(`the grant of ${apiId(api)} to ${consumer} names no rate plan`);
  const state = !use ? "awaits-consumer" : suspended.has(consumer) ? "suspended" : "in-force";
  return { ...shared, state, terms: { legalBasis, granted, expires, onwardSharing, ratePlan } };
}

/** What both sides name, for the same purpose; undefined where there is no such thing. */
function agreedFields(use: ApiUse, approval: Approval): readonly string[] | undefined {
  if (!samePurpose(use.purpose, approval.purpose)) return undefined;
  const both = use.fields.filter((field) => approval.fields.includes(field));
  return both.length > 0 ? both : undefined;
}

/** Line ends and spaces between words say nothing. */
export const samePurpose = (a: string, b: string): boolean => words(a) === words(b);
const words = (text: string): string => text.trim().split(/\s+/).join(" ");

/** The most secret of some classes; `open` of none. */
export const highest = (classes: readonly DataClass[]): DataClass =>
  DATA_CLASSES[Math.max(0, ...classes.map((c) => DATA_CLASSES.indexOf(c)))] ?? "open";
