export const INNER: RegExp;
