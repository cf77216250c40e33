import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    environment: "jsdom",
    include: ["js/test/**/*.test.{ts,tsx}"],
    pool: "threads",
    poolOptions: { threads: { maxThreads: 2 } },
    css: false,
    setupFiles: ["js/test/steady.ts"],
    // Generous: two cores may be busy with other suites.
    testTimeout: 30_000,
    restoreMocks: true,
  },
});
