/** JSON as every file of evidence has it: two spaces, keys in the order in which they were given, one newline at the end. */
export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
