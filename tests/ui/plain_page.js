// A page without Jupyter: models whose kernel's side is a function of the test's, and what must never happen noted.

const noted = { ran: [], blocked: [], failed: [] };
for (const name of ["__pwned"]) {
  Object.defineProperty(window, name, { set: (value) => noted.ran.push(`${name} = ${value}`) });
}
document.addEventListener("securitypolicyviolation", (ev) => {
  noted.blocked.push(`${ev.violatedDirective}: ${ev.blockedURI} ${ev.sample}`);
});
window.addEventListener("error", (ev) => noted.failed.push(String(ev.message)));
window.addEventListener("unhandledrejection", (ev) => noted.failed.push(String(ev.reason)));

const scripts = new Map();
function giveScript([name, esm, css]) {
  scripts.set(name, { css, module: import(URL.createObjectURL(new Blob([esm], { type: "text/javascript" }))) });
}

const viewOf = (coded) => new DataView(Uint8Array.from(atob(coded), (c) => c.charCodeAt(0)).buffer);

/** The browser's side of a widget: what anywidget hands to a module as its model. */
function modelOf(number, traits) {
  const heard = new Map();
  const fire = (name, ...args) => [...(heard.get(name) ?? [])].forEach((each) => each(...args));
  const take = ({ messages, traits: changed }) => {
    for (const [name, value] of Object.entries(changed)) {
      traits[name] = value;
      fire(`change:${name}`);
    }
    for (const [message, buffers] of messages) fire("msg:custom", message, buffers.map(viewOf));
  };
  const tell = async (said) => take(JSON.parse(await window.toKernel(number, JSON.stringify(said))));
  const dirty = {};
  return {
    get: (name) => traits[name],
    set: (name, value) => void (dirty[name] = traits[name] = value),
    save_changes: () => void tell({ traits: dirty }),
    send: (content) => {
      latest.client = content.client;
      void tell({ content });
    },
    on: (name, act) => heard.set(name, (heard.get(name) ?? new Set()).add(act)),
    off: (name, act) => heard.get(name)?.delete(act),
  };
}

const opened = new Map();
/** The model mounted last, and how it calls itself. */
let latest = { model: null, client: "" };

/** Mount a widget; its root is there when this returns. */
async function mountWidget(number, script, traits) {
  const { css, module: imported } = scripts.get(script);
  const style = document.getElementById("style");
  if (style.textContent !== css) style.textContent = css;
  outsideAtFirst = outside();
  const { default: load } = await imported;
  const module = await load();
  const model = modelOf(number, JSON.parse(traits));
  latest = { model, client: "" };
  // The widget recalls the name that was given last.
  localStorage.clear();
  const el = document.createElement("div");
  document.getElementById("place").replaceChildren(el);
  const close = module.initialize({ model });
  const stop = module.render({ model, el });
  opened.set(number, () => {
    stop();
    close();
    el.remove();
  });
}

function unmountWidget(number) {
  opened.get(number)();
  opened.delete(number);
}

const rootNow = () => document.querySelector(".ja-root");
const soon = () => new Promise((done) => setTimeout(done, 8));

/** Without what formats a text, which only Markdown takes away. */
const bare = (text) => text.replace(/[\s`*_~#>|\-]+/g, "");

function holds([selector, what, wanted, loose]) {
  const form = loose ? bare : (text) => text;
  return [...document.querySelectorAll(selector)].some((element) => {
    const found = what === "text" ? element.textContent : what === "value" ? element.value : element.getAttribute(what);
    return found !== null && form(found).includes(form(wanted));
  });
}

const ACTS = {
  key: (name, shiftKey = false) => {
    const letter = /^[a-z]$/.test(name) ? `Key${name.toUpperCase()}` : /^\d$/.test(name) ? `Digit${name}` : name;
    const init = { key: name, code: letter, shiftKey, bubbles: true, cancelable: true, composed: true };
    rootNow().dispatchEvent(new KeyboardEvent("keydown", init));
  },
  type: (selector, text) => {
    const entry = document.querySelector(selector);
    entry.focus();
    entry.value = text;
    entry.dispatchEvent(new Event("input", { bubbles: true }));
  },
  enter: (selector) =>
    document
      .querySelector(selector)
      .dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true })),
  ask: (content) => latest.model.send({ ...content, client: latest.client }),
  click: (selector) => document.querySelector(selector).click(),
  move: () => {
    for (const each of rootNow().querySelectorAll("*"))
      for (const kind of ["mouseover", "pointerover", "focus", "toggle"]) each.dispatchEvent(new Event(kind));
  },
  wait: async (selector) => {
    for (let turns = 0; turns < 1000 && !document.querySelector(selector); turns++) await soon();
  },
};

const BAD_TAGS = "script, iframe, frame, object, embed, link, meta, base, form, a, video, audio, template, style, portal";
const OWN_IMAGES = ".ja-image > img, img.ja-stage-image, .ja-boxes img";

/** How many elements there are but for the widget's. */
const outside = () => document.querySelectorAll("*").length - document.querySelectorAll("#place *").length;
let outsideAtFirst = 0;

/** What is in the widget and could act. */
function unsafe() {
  const found = [];
  const root = rootNow();
  for (const each of root.querySelectorAll(BAD_TAGS)) found.push(`<${each.localName}>`);
  for (const each of root.querySelectorAll("img")) {
    if (!each.matches(OWN_IMAGES) || !/^(blob:|$)/.test(each.getAttribute("src") ?? "")) found.push(each.outerHTML);
  }
  for (const each of [root, ...root.querySelectorAll("*")]) {
    for (const { name, value } of each.attributes) {
      const address = /^(href|src|srcset|action|formaction|data|poster|xlink:href)$/.test(name);
      if (/^on/i.test(name) || (address && !value.startsWith("blob:"))) found.push(`${each.localName} ${name}=${value}`);
      if (name === "style" && /url\(|expression|canary|pwned|image-set/i.test(value)) found.push(`style=${value}`);
    }
  }
  const more = outside() - outsideAtFirst;
  if (more !== 0) found.push(`${more} elements outside`);
  return found;
}

/** Go through the steps: acts, then places that must show what they should; return what was found in which state. */
async function goThrough(steps) {
  const shown = [];
  const harm = [];
  for (const { acts, places } of steps) {
    for (const [act, ...args] of acts) await ACTS[act](...args);
    const missing = new Map(Object.entries(places));
    for (let turns = 0; turns < 150 && missing.size > 0; turns++) {
      for (const [name, place] of missing) if (holds(place)) missing.delete(name);
      if (missing.size > 0) await soon();
    }
    shown.push(...Object.keys(places).filter((name) => !missing.has(name)));
    if (missing.size > 0) harm.push(`not shown: ${[...missing.keys()]}`);
    harm.push(...unsafe());
  }
  const tags = [...new Set([...rootNow().querySelectorAll("*")].map((each) => each.localName))];
  return { shown, harm, tags };
}

Object.assign(window, { giveScript, mountWidget, unmountWidget, goThrough, unsafe, noted });
