import { LABELS } from "../../../../contracts.ts";
import type { Estate, EstateObject } from "../../../../estate/estate.ts";
import type { EstateRule } from "../../../estate-rule.ts";
import { inNamespace, labelsOf, mapOf, mapsOf, ofKind, textAt, textsOf } from "../../../estate-view.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Seconds that an access token may live: nobody can take it back before. */
const LONGEST_TOKEN = 900;
const SHORTEST_PASSWORD = 12;

/** Realms of Keycloak (RealmRepresentation) in a ConfigMap that its import reads. */
const realmsOf = ({ object }: EstateObject): readonly Fields[] =>
  Object.entries(mapOf(object["data"]))
    .filter(([key]) => key.endsWith(".json"))
    .map(([, text]) => mapOf(JSON.parse(String(text))))
    .filter(({ realm }) => typeof realm === "string");

function realmFaults(realm: Fields): readonly string[] {
  const length = Number(/length\((\d+)\)/.exec(textAt(realm, "passwordPolicy") ?? "")?.[1] ?? 0);
  const lifetime = realm["accessTokenLifespan"];
  const secret = Object.keys(mapOf(realm["smtpServer"])).filter((key) => key === "password");
  return [
    ...(realm["registrationAllowed"] === true ? ["lets anybody register; set registrationAllowed to false"] : []),
    ...(realm["bruteForceProtected"] === true ? [] : ["does not slow down guessing; set bruteForceProtected to true"]),
    ...(["external", "all"].includes(textAt(realm, "sslRequired") ?? "")
      ? []
      : ["takes passwords without TLS; set sslRequired to external or all"]),
    ...(length >= SHORTEST_PASSWORD
      ? []
      : [`takes passwords of ${length} characters; ask for ${SHORTEST_PASSWORD} or more`]),
    ...(typeof lifetime === "number" && lifetime > 0 && lifetime <= LONGEST_TOKEN
      ? []
      : [
          `gives access tokens for ${String(lifetime ?? "an unstated number of")} seconds; give ${LONGEST_TOKEN} at most`,
        ]),
    ...(secret.length > 0 ? ["holds the password of its mail server; have it set in the running realm"] : []),
  ];
}

function clientFaults(client: Fields): readonly string[] {
  const wide = textsOf(client["redirectUris"]).filter((uri) => uri === "*" || /^https?:\/\/\*/.test(uri));
  return [
    ...(client["implicitFlowEnabled"] === true ? ["uses the implicit flow; use the code flow with PKCE"] : []),
    ...(client["directAccessGrantsEnabled"] === true
      ? ["takes people's passwords itself; turn direct access grants off"]
      : []),
    ...(client["publicClient"] === true && client["serviceAccountsEnabled"] === true
      ? ["is public and acts by itself; a client that acts by itself has to keep a secret"]
      : []),
    ...(client["secret"] !== undefined ? ["has its secret written down; leave it out, and Keycloak makes one"] : []),
    ...(wide.length > 0 ? [`sends tokens to any host ('${wide[0]}'); name the host`] : []),
  ];
}

const failuresOf = (config: EstateObject): readonly string[] =>
  realmsOf(config).flatMap((realm) => [
    ...realmFaults(realm).map((fault) => `the realm '${textAt(realm, "realm")}' ${fault}`),
    ...mapsOf(realm["clients"]).flatMap((client) =>
      clientFaults(client).map(
        (fault) => `the client '${textAt(client, "clientId")}' of the realm '${textAt(realm, "realm")}' ${fault}`,
      ),
    ),
  ]);

const configsOf = (estate: Estate): readonly EstateObject[] =>
  ofKind(estate, "Namespace")
    .filter(({ object }) => labelsOf(object)[LABELS.layer] === "identity")
    .flatMap((namespace) => inNamespace(estate, namespace, "ConfigMap"))
    .filter((config) => realmsOf(config).length > 0);

/** Realms that the identity layer imports: how people sign in, how long tokens live, which flows clients use. */
export const rule: EstateRule = {
  id: "identity/realm-hardened",
  title: "Realms make guessing slow, tokens short and clients confidential",
  titleBangla: "পরিচয় ব্যবস্থায় অনুমান করা কঠিন, টোকেন স্বল্পস্থায়ী ও ক্লায়েন্ট গোপনীয়তা রক্ষা করে",
  rationale:
    "One realm opens every service behind it. Open registration, guessable passwords, long tokens and flows that hand tokens through the browser (RFC 9700) each give an attacker all of them.",
  rationaleBangla:
    "একটি পরিচয় ব্যবস্থা তার পেছনের সব সেবা খুলে দেয়। উন্মুক্ত নিবন্ধন, সহজে অনুমেয় পাসওয়ার্ড, দীর্ঘস্থায়ী টোকেন ও ব্রাউজারের ভেতর দিয়ে টোকেন দেওয়া প্রবাহ (RFC 9700): প্রতিটিই আক্রমণকারীকে সব সেবা দিয়ে দেয়।",
  reference: "https://www.rfc-editor.org/rfc/rfc9700",
  severity: "high",
  level: "soft-mandatory",
  controls: ["identification", "secrets-management"],
  kinds: ["ConfigMap", "Namespace"],
  reads: ["metadata.name", "metadata.namespace", "metadata.labels", "data"],
  judge: (estate) => configsOf(estate).map((config) => ({ subject: config, failures: failuresOf(config) })),
};
