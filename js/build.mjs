/**
 * Build what is committed and shipped: jupyter_annotate/static/widget.json, the parts of which a widget gets those its
 * schema needs (docs/adr/0016). `--into FOLDER` writes it elsewhere, to compare two builds.
 *
 * Each label type and field is an entry of its own that puts its module into the registry; the core sees a registry that
 * is empty to begin with. What several of them use becomes a shared part.
 */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { minify } from "terser";
import { INNER } from "./inner.mjs";

const FAMILIES = ["questions", "fields", "modes"];
const { values } = parseArgs({ options: { into: { type: "string" } } });
const folder = values.into ?? "jupyter_annotate/static";

/** The literal registry of a family, as [kind, name of its module's export, source of that module]. */
async function registered(family) {
  const source = await readFile(`js/src/${family}/index.ts`, "utf8");
  const sources = new Map(
    [...source.matchAll(/^import \{ (\w+) \} from "\.\/(\w+)";/gm)].map(([, name, file]) => [name, file]),
  );
  const [, literal] = /export const [A-Z]+\b[^=]*= \{([^}]*)\}/.exec(source);
  return [...literal.matchAll(/^\s*(\w+)(?:: (\w+))?,/gm)].map(([, kind, name = kind]) => [
    kind,
    name,
    sources.get(name),
  ]);
}

/** What a widget is made around. */
const cores = new Map([
  ["js/src/widget.tsx", "core"],
  ["js/src/control.tsx", "control"],
]);
const kinds = new Map();
for (const family of FAMILIES)
  for (const [kind, name, file] of await registered(family))
    kinds.set(`${family}/${kind}`, { family, kind, name, file });

/** Registries that are filled by what is loaded, and the entries that fill them. */
const registries = {
  name: "registries",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(\.\.?\/)+(questions|fields|modes)$/ }, ({ path }) => ({
      path: basename(path),
      namespace: "registry",
    }));
    onResolve({ filter: /^registry:/ }, ({ path }) => ({ path: path.slice(9), namespace: "registry" }));
    onResolve({ filter: /^kind:/ }, ({ path }) => ({ path: path.slice(5), namespace: "kind" }));
    onLoad({ filter: /.*/, namespace: "registry" }, ({ path }) => ({
      contents: `export const ${path.toUpperCase()} = {};`,
    }));
    onLoad({ filter: /.*/, namespace: "kind" }, ({ path }) => {
      const { family, kind, name, file } = kinds.get(path);
      const registry = family.toUpperCase();
      return {
        contents: `import { ${registry} } from "registry:${family}";
import { ${name} } from "./${family}/${file}";
${registry}["${kind}"] = ${name};`,
        resolveDir: "js/src",
      };
    });
  },
};

const { outputFiles, metafile } = await build({
  entryPoints: {
    ...Object.fromEntries([...cores].map(([path, name]) => [name, path])),
    ...Object.fromEntries([...kinds.keys()].map((path) => [path, `kind:${path}`])),
  },
  absWorkingDir: process.cwd(),
  outdir: "parts",
  entryNames: "[hash]",
  chunkNames: "[hash]",
  write: false,
  metafile: true,
  bundle: true,
  splitting: true,
  plugins: [registries],
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

const textOf = new Map(outputFiles.map(({ path, text }) => [basename(path), text]));

// esbuild bundles; terser, which goes over the code several times, leaves less of it.
async function small(text) {
  const { code } = await minify(text, {
    ecma: 2022,
    module: true,
    compress: { passes: 6, unsafe: true, unsafe_arrows: true, keep_fargs: false, hoist_funs: true },
    format: { ecma: 2022 },
  });
  return code;
}

const parts = {};
const entries = {};
for (const [path, { entryPoint, imports, cssBundle }] of Object.entries(metafile.outputs)) {
  if (!path.endsWith(".js")) continue;
  const name = basename(path, ".js");
  parts[name] = {
    text: await small(textOf.get(basename(path))),
    needs: imports.filter(({ kind }) => kind === "import-statement").map(({ path }) => basename(path, ".js")),
  };
  if (!entryPoint) continue;
  const of = entryPoint.startsWith("kind:") ? entryPoint.slice(5) : cores.get(entryPoint);
  entries[of] = { part: name, style: cssBundle ? textOf.get(basename(cssBundle)) : "" };
}

/** What the widget's script does with its parts, in `data`: modules of the same name are shared by all widgets of a page. */
const LOADER = `
async function unpack(){
const bytes=Uint8Array.from(atob(data),(c)=>c.charCodeAt(0));
const text=new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
const {parts,first,core}=await new Response(text).json();
const urls=globalThis[Symbol.for("jupyter_annotate.parts")]??=new Map();
for(const [name,source] of parts){
if(urls.has(name))continue;
const linked=source.replace(/(from|import)"\\.\\/(\\w+)\\.js"/g,(_,word,other)=>word+'"'+urls.get(other)+'"');
urls.set(name,URL.createObjectURL(new Blob([linked],{type:"text/javascript"})));
}
await Promise.all(first.map((name)=>import(urls.get(name))));
return (await import(urls.get(core))).default;
}
export default async()=>(await unpack())();
`;

const sorted = (object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
await mkdir(folder, { recursive: true });
await writeFile(
  join(folder, "widget.json"),
  `${JSON.stringify({ entries: sorted(entries), loader: LOADER, parts: sorted(parts) }, null, 1)}\n`,
);
