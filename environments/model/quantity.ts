const FACTORS: Readonly<Record<string, bigint>> = {
  m: 1n,
  "": 1000n,
  k: 10n ** 6n,
  M: 10n ** 9n,
  G: 10n ** 12n,
  T: 10n ** 15n,
  P: 10n ** 18n,
  E: 10n ** 21n,
  Ki: 1000n << 10n,
  Mi: 1000n << 20n,
  Gi: 1000n << 30n,
  Ti: 1000n << 40n,
  Pi: 1000n << 50n,
  Ei: 1000n << 60n,
};

/** A quantity that the loader has checked, in thousandths of its unit, rounded up as Kubernetes does: `500m` is 500. */
export function milliUnits(quantity: string): bigint {
  const [, whole = "0", decimals = "", suffix = ""] = /^(\d+)\.?(\d*)(\D*)$/.exec(quantity) ?? [];
  const scale = 10n ** BigInt(decimals.length);
  const exact = BigInt(whole + decimals) * (FACTORS[suffix] ?? 1000n);
  return (exact + scale - 1n) / scale;
}
