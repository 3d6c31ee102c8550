import type { Position } from "../../messages/message.ts";
export interface Exemption {
  readonly id: string;
  readonly rule: string;
  readonly subject: {
    readonly kind: string;
    readonly namespace?: string | undefined;
    readonly name: string;
    readonly maximumObjects: number;
  };
  readonly reason: string;
  readonly legalBasis: string;
  readonly owner: string;
  readonly approver: string;
  readonly issued: string;
  readonly expires: string;
  readonly compensatingControl: string;
  readonly position?: Position;
}
export interface ExemptionUse {
  readonly exemption: Exemption;
  readonly state: "in-force" | "not-yet" | "expired" | "refused";
  readonly subjects: readonly number[];
}
export const describeSubject = ({ kind, namespace, name }: Exemption["subject"]): string =>
  namespace ? `${kind} ${namespace}/${name}` : `${kind} ${name}`;
