import { type Message, message, type Position } from "../../../messages/message.ts";
import type { Environment } from "../environment.ts";
import { type Approval, apiId, type PublishedApi } from "./api.ts";
import { type Api, type Grant, samePurpose } from "./grants.ts";

/** Days before a grant or an API ends in which it is told. */
const NOTICE_DAYS = 30;

/**
 * What is to be said of grants on a day: errors where one has ended or has not begun, or its API is gone; notices where one side
 * waits for the other, a consumer is suspended, or something ends within 30 days. What is synthesized does not depend on the
 * day: so a grant that has ended is an error until it is renewed or removed, and never closes by itself.
 *
 * @param asOf the ISO day
 */
export function grantMessages(environment: Environment, asOf: string): Message[] {
  const { zones, apis } = environment;
  const byId = new Map(
    apis.map((api) => [apiId(api), { api, grants: new Map(api.grants.map((g) => [g.consumer, g])) }]),
  );
  const stateOf = (id: string, consumer: string) => byId.get(id)?.grants.get(consumer)?.state;
  const placed = (path: string) => (key: string) => environment.positions(`${path}.${key}`);
  // Two versions of an API have one name, so each is found by its place in the list.
  const published = zones.flatMap((zone) =>
    (zone.apis ?? []).map((api, i) => ({ api, path: `zones.${zone.name}.apis.${i}` })),
  );
  const approvals = published.flatMap(({ api, path }) =>
    api.grants.map((approval, i) => ({ api, approval, at: placed(`${path}.grants.${i}`) })),
  );
  const purposes = new Map(
    approvals.map(({ api, approval }) => [`${apiId(api)} ${approval.consumer}`, approval.purpose]),
  );
  return [
    ...published.flatMap(({ api, path }) => endOfApi(api, asOf, placed(path))),
    ...approvals.flatMap(({ api, approval, at }) => [
      // A suspension closes it already: whoever has to suspend in a hurry need not wait for another's file.
      ...(stateOf(apiId(api), approval.consumer) === "suspended" ? [] : dayMessages(api, approval, asOf, at)),
      ...(stateOf(apiId(api), approval.consumer) === "awaits-consumer"
        ? [message("BH1134", { api: apiId(api), consumer: approval.consumer }, at("consumer"))]
        : []),
    ]),
    ...zones.flatMap((zone) =>
      (zone.uses ?? []).flatMap((use, i) => {
        const found = byId.get(use.api);
        const grant = found?.grants.get(zone.name);
        if (!found || !grant) return [];
        const at = placed(`zones.${zone.name}.uses.${i}`);
        return requestMessages(found.api, grant, purposes.get(`${use.api} ${zone.name}`), at);
      }),
    ),
    ...suspensionMessages(environment),
  ];
}

type At = (key: string) => Position;

function endOfApi(api: PublishedApi, asOf: string, at: At): Message[] {
  const { deprecated } = api;
  if (deprecated === undefined || daysUntil(deprecated, asOf) > NOTICE_DAYS) return [];
  return [message(deprecated < asOf ? "BH1132" : "BH1139", { api: apiId(api), deprecated, asOf }, at("deprecated"))];
}

function dayMessages(api: PublishedApi, { consumer, granted, expires }: Approval, asOf: string, at: At): Message[] {
  const params = { api: apiId(api), consumer, asOf };
  const days = daysUntil(expires, asOf);
  if (days < 0) return [message("BH1130", { ...params, expires }, at("expires"))];
  if (granted > asOf) return [message("BH1138", { ...params, granted }, at("granted"))];
  return days > NOTICE_DAYS ? [] : [message("BH1131", { ...params, expires, days }, at("expires"))];
}

/** @param agreed the purpose that the owner granted it for, where there is a grant */
function requestMessages(api: Api, grant: Grant, agreed: string | undefined, at: At): Message[] {
  const { state, waiting, consumer, purpose } = grant;
  const params = { api: apiId(api), consumer, owner: api.owner, zone: api.zone };
  if (state !== "awaits-owner") {
    return waiting.length === 0 ? [] : [message("BH1135", { ...params, fields: waiting.join(", ") }, at("fields"))];
  }
  return agreed !== undefined && !samePurpose(agreed, purpose)
    ? [message("BH1136", { ...params, purpose, granted: agreed }, at("purpose"))]
    : [message("BH1133", params, at("api"))];
}

function suspensionMessages({ suspensions, apis, positions }: Environment): Message[] {
  return suspensions.map(({ zone, since, reason }, i) => {
    const closed = apis.filter(({ grants }) =>
      grants.some(({ consumer, state }) => consumer === zone && state === "suspended"),
    );
    const params = { zone, since, reason, count: closed.length, apis: closed.map(apiId).join(", ") || "none" };
    return message("BH1137", params, positions(`suspensions.${i}.zone`));
  });
}

const DAY = 86_400_000;
const daysUntil = (day: string, asOf: string): number => Math.round((Date.parse(day) - Date.parse(asOf)) / DAY);
