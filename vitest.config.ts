import { defineConfig } from "vitest/config";

export default defineConfig({
  // The elements become what they become in the bundle (js/build.mjs).
  esbuild: {
    jsx: "transform",
    jsxFactory: "h",
    jsxFragment: "Fragment",
    jsxInject: 'import { Fragment, h } from "preact"',
  },
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
