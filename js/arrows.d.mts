export function withArrows(script: string): string;
