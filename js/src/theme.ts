/** Light or dark, as the host shows itself. */

import { listen, type Stop, together } from "./listen";
import type { Theme } from "./palette";

/** Hosts say it in their own ways: JupyterLab and Notebook 7, VS Code, marimo, Colab; else the system's wish. */
export function themeOf(document: Document, prefersDark: boolean): Theme {
  const { body, documentElement: html } = document;
  const jupyter = body.getAttribute("data-jp-theme-light");
  if (jupyter !== null) return jupyter === "false" ? "dark" : "light";
  const vscode = /\bvscode-(dark|light|high-contrast-light|high-contrast)\b/.exec(body.className);
  if (vscode) return vscode[1]?.endsWith("light") ? "light" : "dark";
  const word = html.getAttribute("theme") ?? body.getAttribute("data-theme") ?? html.getAttribute("data-theme");
  if (word === "dark" || word === "light") return word;
  if (html.classList.contains("dark") || body.classList.contains("dark")) return "dark";
  return prefersDark ? "dark" : "light";
}

/** Call back now and whenever it changes; returns the function that stops. */
export function watchTheme(seen: (theme: Theme) => void): Stop {
  const wish = window.matchMedia?.("(prefers-color-scheme: dark)");
  const look = (): void => seen(themeOf(document, wish?.matches ?? false));
  const observer = new MutationObserver(look);
  const options = { attributes: true, attributeFilter: ["class", "theme", "data-theme", "data-jp-theme-light"] };
  observer.observe(document.body, options);
  observer.observe(document.documentElement, options);
  look();
  return together([() => observer.disconnect(), wish ? listen(wish, "change", look) : () => undefined]);
}
