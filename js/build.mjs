/**
 * Build the bundle that is committed and shipped: one script, one style sheet.
 *
 * anywidget sends the script with every widget, so it travels deflated inside a small module that unpacks it in the
 * browser (docs/adr/0007). `--plain FOLDER` writes the script as it is, to read it or to compare two builds.
 */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { deflateRawSync } from "node:zlib";
import { build } from "esbuild";
import { minify } from "terser";
import { INNER } from "./inner.mjs";

const { values } = parseArgs({ options: { plain: { type: "string" } } });
const folder = values.plain ?? "jupyter_annotate/static";

const { outputFiles } = await build({
  entryPoints: { widget: "js/src/widget.tsx" },
  outdir: folder,
  write: false,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  mangleProps: INNER,
  charset: "utf8",
  legalComments: "none",
  // The sources' own settings are for the editor and tsc, which know the elements through the JSX runtime.
  tsconfigRaw: {},
  jsx: "transform",
  jsxFactory: "h",
  jsxFragment: "Fragment",
  inject: ["js/jsx.mjs"],
  define: { "process.env.NODE_ENV": '"production"', "define.amd": "false" },
  logLevel: "warning",
});
const [bundled, style] = [".js", ".css"].map((end) => outputFiles.find((file) => file.path.endsWith(end)).text);

// esbuild bundles; terser, which goes over the code several times, leaves less of it.
const { code: script } = await minify(bundled, {
  ecma: 2022,
  module: true,
  compress: { passes: 6, unsafe: true, unsafe_arrows: true, keep_fargs: false, hoist_funs: true },
  format: { ecma: 2022 },
});

await mkdir(folder, { recursive: true });
await writeFile(join(folder, "widget.css"), style);
await writeFile(join(folder, "widget.js"), values.plain === undefined ? packed(script) : script);

function packed(text) {
  const data = deflateRawSync(text, { level: 9 }).toString("base64");
  return `const data="${data}";
async function unpack(){
const bytes=Uint8Array.from(atob(data),(c)=>c.charCodeAt(0));
const text=new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
const url=URL.createObjectURL(new Blob([await new Response(text).text()],{type:"text/javascript"}));
try{return (await import(url)).default}finally{URL.revokeObjectURL(url)}
}
export default async()=>(await unpack())();
`;
}
