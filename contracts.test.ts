import { expect, test } from "vitest";
import * as contracts from "./contracts.ts";
import { CATALOGUE } from "./messages/catalogue.ts";
import { allRules } from "./policies/estate-rules.ts";

test("names that other systems hold on to are what they were", () => {
  expect(contracts.LABEL_DOMAIN).toBe("bhitti.platform");
  expect(contracts.LABELS).toEqual({
    zone: "bhitti.platform/zone",
    dataClass: "bhitti.platform/data-class",
    layer: "bhitti.platform/layer",
    stack: "bhitti.platform/stack",
    managedBy: "bhitti.platform/managed-by",
    grant: "bhitti.platform/grant",
    emergency: "bhitti.platform/emergency",
    secretUse: "bhitti.platform/secret-use",
    identity: "bhitti.platform/identity",
    backup: "bhitti.platform/backup",
    drill: "bhitti.platform/drill",
    site: "bhitti.platform/site",
    country: "bhitti.platform/country",
  });
  expect(contracts.MANAGER).toBe("bhitti");
  expect(contracts.PLATFORM_GROUP).toBe("bhitti:platform");
  expect(contracts.AUDITORS_GROUP).toBe("bhitti:auditors");
  expect(contracts.SOC_GROUP).toBe("bhitti:soc");
  expect(contracts.BREAK_GLASS_GROUP).toBe("bhitti:break-glass");
  expect(contracts.EMERGENCY_AUDIT_ANNOTATION).toBe("dated-binding.break-glass.bhitti.platform/emergency-access");
  expect(contracts.zoneOwnersGroup("tax")).toBe("bhitti:zone:tax:owners");
  expect(contracts.zoneNamespace("tax")).toBe("zone-tax");
  expect(contracts.layerNamespace("gateway")).toBe("bhitti-gateway");
  expect(contracts.ZONE_FLOWS).toBe("bhitti-zone-flows");
  expect(contracts.ZONE_GRANTS).toBe("bhitti-api-grants");
});

test("stack ids, state keys and records are what they were", () => {
  expect(contracts.LAYERS).toEqual(["network", "guardrails", "backup", "identity", "gateway", "soc"]);
  expect(contracts.layerStackId("core1", "network")).toBe("core1-network");
  expect(contracts.zoneStackId("core1", "tax")).toBe("core1-zone-tax");
  expect(contracts.stateKey("pilot", "core1-network")).toBe("pilot/core1-network");
  expect(contracts.RECORD_NAMESPACE).toBe("kube-system");
  expect(contracts.ENGINE_RECORD).toBe("bhitti-engine");
  expect(contracts.DEPLOY_RECORD).toBe("bhitti-deploys");
  expect(contracts.inventoryName("core1-network")).toBe("bhitti-inventory-core1-network");
});

test("policy names and exit codes are what they were", () => {
  expect(contracts.policyName("network", "no-node-port")).toBe("no-node-port.network.bhitti.platform");
  expect(contracts.EXIT).toEqual({ fine: 0, findings: 1, badInput: 2, toolFailed: 3 });
});

test("no message code and no rule id disappears: pipelines and exemptions name them", () => {
  expect(Object.keys(CATALOGUE).sort()).toMatchSnapshot("message codes");
  expect(allRules().map((rule) => rule.id)).toMatchSnapshot("rule ids");
});
