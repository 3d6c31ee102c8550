import { seconds } from "../../environments/model/duration.ts";
import type { Environment } from "../../environments/model/environment.ts";
import type { IdentitySource, Realm } from "../../environments/model/files/identity.ts";
import { mayCall } from "../../environments/model/hub/grants.ts";
import { apiAudience } from "../gateway/api.ts";

/**
 * A Keycloak realm as its import takes it (RealmRepresentation, Keycloak 26). Every zone of the realm is a confidential
 * client of its own, whose tokens carry the audiences of the APIs of which a grant to it is in force, and of no other; a suspended zone's
 * client is disabled. Where the realm has an identity source, people are sent there to sign in. No secret is written:
 * Keycloak makes one at import for each client, and proves itself to the identity source by its own key (RFC 7523).
 */
export function realmImport(environment: Environment, realm: Realm): object {
  const source = environment.identitySources.find(({ name }) => name === realm.identitySource);
  const suspended = new Set(environment.suspensions.map(({ zone }) => zone));
  const zones = environment.zones.filter((z) => z.realm === realm.name);
  return {
    realm: realm.name,
    displayName: realm.title,
    enabled: true,
    sslRequired: "external",
    registrationAllowed: false,
    bruteForceProtected: true,
    passwordPolicy: `length(${realm.passwordMinimumLength}) and notUsername and notEmail`,
    accessTokenLifespan: seconds(realm.accessTokenLifetime),
    ssoSessionMaxLifespan: seconds(realm.sessionLifetime),
    otpPolicyType: "totp",
    requiredActions: [
      {
        alias: "CONFIGURE_TOTP",
        name: "Configure OTP",
        providerId: "CONFIGURE_TOTP",
        enabled: true,
        defaultAction: realm.secondFactor === "required",
        priority: 10,
      },
    ],
    attributes: { assurance: realm.assurance, people: realm.people },
    ...(source && { identityProviders: [identityProvider(source)] }),
    clients: zones.map((zone) => ({
      clientId: zone.name,
      name: zone.title,
      enabled: !suspended.has(zone.name),
      publicClient: false,
      serviceAccountsEnabled: true,
      standardFlowEnabled: false,
      implicitFlowEnabled: false,
      directAccessGrantsEnabled: false,
      protocolMappers: environment.apis
        .filter((api) => mayCall(zone.name, api))
        .map((api) => ({
          name: apiAudience(api),
          protocol: "openid-connect",
          protocolMapper: "oidc-audience-mapper",
          config: { "included.custom.audience": apiAudience(api), "access.token.claim": "true" },
        })),
    })),
  };
}

/** An identity source as Keycloak knows it (IdentityProviderRepresentation, Keycloak 26). */
const identityProvider = (source: IdentitySource): object => ({
  alias: source.name,
  displayName: source.title,
  providerId: "oidc",
  enabled: true,
  // What people call themselves elsewhere is not taken for true, nor joined to an account that stands here.
  trustEmail: false,
  storeToken: false,
  config: {
    issuer: source.issuer,
    authorizationUrl: source.authorization,
    tokenUrl: source.token,
    jwksUrl: source.keys,
    useJwksUrl: "true",
    validateSignature: "true",
    clientId: source.clientId,
    clientAuthMethod: "private_key_jwt",
    defaultScope: "openid",
    pkceEnabled: "true",
    pkceMethod: "S256",
    syncMode: "FORCE",
  },
});
