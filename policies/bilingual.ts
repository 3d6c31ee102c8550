import { z } from "zod";
import { text } from "../yaml/formats.ts";

/** A text in both languages of the platform. */
export interface Bilingual {
  readonly en: string;
  readonly bn: string;
}

export const bilingual = (description: string) =>
  z.strictObject({ en: text(`${description} English.`), bn: text(`${description} Bangla.`) }).meta({ description });
