import { seconds } from "../../environments/model/duration.ts";
import type { Environment } from "../../environments/model/environment.ts";
import type { Realm } from "../../environments/model/files/identity.ts";
import { apiAudience } from "../gateway/api.ts";

/**
 * A Keycloak realm as its import takes it (RealmRepresentation, Keycloak 26). Every zone of the realm is a confidential
 * client of its own, whose tokens carry the audiences of the APIs granted to it and of no other. No secret is written:
 * Keycloak makes one at import.
 */
export function realmImport(environment: Environment, realm: Realm): object {
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
    clients: zones.map((zone) => ({
      clientId: zone.name,
      name: zone.title,
      enabled: true,
      publicClient: false,
      serviceAccountsEnabled: true,
      standardFlowEnabled: false,
      implicitFlowEnabled: false,
      directAccessGrantsEnabled: false,
      protocolMappers: environment.apis
        .filter((api) => api.grants.some((g) => g.consumer === zone.name))
        .map((api) => ({
          name: apiAudience(api),
          protocol: "openid-connect",
          protocolMapper: "oidc-audience-mapper",
          config: { "included.custom.audience": apiAudience(api), "access.token.claim": "true" },
        })),
    })),
  };
}
