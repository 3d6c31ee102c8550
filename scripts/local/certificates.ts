import { generateKeyPairSync, X509Certificate as NodeCertificate, randomBytes, webcrypto } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeAtomically } from "./files.ts";

/** Files under `pki/`, all PEM. Keys are readable by their owner only. */
export const PKI = {
  authority: "ca.crt",
  server: { certificate: "server.crt", key: "server.key" },
  admin: { certificate: "admin.crt", key: "admin.key" },
  controllerManager: { certificate: "controller-manager.crt", key: "controller-manager.key" },
  etcdClient: { certificate: "etcd-client.crt", key: "etcd-client.key" },
  serviceAccount: { public: "service-account.pub", key: "service-account.key" },
} as const;

const VALID_DAYS = 365;
/** Certificates that end sooner are made anew at the next start. */
const RENEW_DAYS = 14;
const DAY_MS = 86_400_000;

/**
 * Makes the certificates of a control plane on loopback, unless good ones are there. The authority's key is used once and
 * written nowhere: when certificates are renewed, all of them are, and running servers have to be restarted.
 *
 * @returns whether new ones were made
 */
export async function ensureCertificates(directory: string): Promise<boolean> {
  if (current(directory)) return false;
  // Loaded only here: it costs 0.2 s, and certificates are made once.
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const provider = webcrypto as unknown as Crypto;
  x509.cryptoProvider.set(provider);
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keyPair = () => provider.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  // A clock that is a little slow must not find them not yet valid.
  const period = { notBefore: new Date(Date.now() - 3_600_000), notAfter: new Date(Date.now() + VALID_DAYS * DAY_MS) };
  const serialNumber = () => `01${randomBytes(15).toString("hex")}`;

  const authorityKeys = await keyPair();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    ...period,
    serialNumber: serialNumber(),
    name: "CN=bhitti-local",
    keys: authorityKeys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  const issue = async (subject: string, usages: string[], names: { type: "dns" | "ip"; value: string }[]) => {
    const keys = await keyPair();
    const certificate = await x509.X509CertificateGenerator.create({
      ...period,
      serialNumber: serialNumber(),
      subject,
      issuer: authority.subject,
      publicKey: keys.publicKey,
      signingKey: authorityKeys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension(usages),
        ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      ],
    });
    const key = x509.PemConverter.encode(await provider.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
    return { certificate: certificate.toString("pem"), key };
  };
  const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;
  const dns = [
    "localhost",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
  ];
  const issued = {
    server: await issue(
      "CN=bhitti-local-server",
      [serverAuth, clientAuth],
      [...dns.map((value) => ({ type: "dns" as const, value })), { type: "ip", value: "127.0.0.1" }],
    ),
    admin: await issue("CN=bhitti-admin, O=system:masters", [clientAuth], []),
    controllerManager: await issue("CN=system:kube-controller-manager", [clientAuth], []),
    etcdClient: await issue("CN=kube-apiserver", [clientAuth], []),
  };
  const account = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const write = (file: string, content: string) => writeAtomically(join(directory, file), `${content.trim()}\n`, 0o600);
  for (const [name, { certificate, key }] of Object.entries(issued) as [
    keyof typeof issued,
    { certificate: string; key: string },
  ][]) {
    write(PKI[name].certificate, certificate);
    write(PKI[name].key, key);
  }
  write(PKI.serviceAccount.key, account.privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  write(PKI.serviceAccount.public, account.publicKey.export({ type: "spki", format: "pem" }).toString());
  // Last: where the authority is there, all else is.
  write(PKI.authority, authority.toString("pem"));
  return true;
}

/** Whether every file is there, belongs to this authority, and stays valid for a while. */
function current(directory: string): boolean {
  try {
    const read = (file: string) => readFileSync(join(directory, file), "utf8");
    const authority = new NodeCertificate(read(PKI.authority));
    const issued = [PKI.server, PKI.admin, PKI.controllerManager, PKI.etcdClient];
    const soon = Date.now() + RENEW_DAYS * DAY_MS;
    return (
      issued.every(({ certificate, key }) => {
        const parsed = new NodeCertificate(read(certificate));
        return (
          parsed.verify(authority.publicKey) && Date.parse(parsed.validTo) > soon && existsSync(join(directory, key))
        );
      }) && [PKI.serviceAccount.key, PKI.serviceAccount.public].every((file) => existsSync(join(directory, file)))
    );
  } catch {
    return false;
  }
}
