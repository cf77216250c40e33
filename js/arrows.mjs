/**
 * A step of minifying that neither esbuild nor terser takes: function declarations become arrow functions, which are
 * shorter by the words `function` and often `return`.
 *
 * Only declarations at the top of the bundle, and only where the two mean the same: no `this`, no `arguments`, no
 * generator, nothing that is constructed. They are put before everything else, as a declaration would be.
 */

import { parse } from "acorn";

const OWN_THIS = new Set(["FunctionDeclaration", "FunctionExpression", "ClassBody"]);

/** Every node below `node`; `enter` says which to look into. */
function* below(node, enter = () => true) {
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child?.type !== "string") continue;
      yield child;
      if (enter(child)) yield* below(child, enter);
    }
  }
}

/** Whether a function asks how it was called. */
const asks = (node) =>
  [...below(node, ({ type }) => !OWN_THIS.has(type))].some(
    ({ type, name }) =>
      type === "ThisExpression" || type === "MetaProperty" || (type === "Identifier" && name === "arguments"),
  );

/** What is used as more than a function: constructed, extended, or looked at. */
function constructed(program) {
  const used = [...below(program)].flatMap((node) => [
    node.type === "NewExpression" && node.callee,
    node.type === "MemberExpression" && node.object,
    node.type === "BinaryExpression" && node.operator === "instanceof" && node.right,
    node.superClass,
  ]);
  return new Set(used.filter((node) => node?.type === "Identifier").map(({ name }) => name));
}

export function withArrows(script) {
  const program = parse(script, { ecmaVersion: 2022, sourceType: "module" });
  const objects = constructed(program);
  const fits = (node) =>
    node.type === "FunctionDeclaration" && !node.generator && !objects.has(node.id.name) && !asks(node);
  const arrows = program.body.filter(fits).map(({ id, async, body, end }) => {
    const parameters = script.slice(id.end, body.start);
    return `${id.name}=${async ? "async" : ""}${parameters}=>${script.slice(body.start, end)}`;
  });
  const rest = program.body.filter((node) => !fits(node)).map(({ start, end }) => script.slice(start, end));
  return [...(arrows.length > 0 ? [`let ${arrows.join(",")}`] : []), ...rest].join(";\n");
}
