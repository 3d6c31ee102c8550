const FACTORS: Record<string, number> = {
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** A quantity that the loader has checked, in thousandths of its unit, rounded up as Kubernetes does: `500m` is 500. */
export function milliUnits(quantity: string): number {
  const [, digits = "0", suffix = ""] = /^([\d.]+)(\D*)$/.exec(quantity) ?? [];
  return Math.ceil(Number((Number(digits) * (FACTORS[suffix] ?? 1) * 1000).toPrecision(15)));
}
