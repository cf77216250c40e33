/** What a record holds under a name, and nothing it inherits: a question or a label may be called "constructor". */
export const own = <T>(record: Readonly<Record<string, T>> | null | undefined, name: string): T | undefined =>
  record && Object.hasOwn(record, name) ? record[name] : undefined;
