// What a person saw: which item was on the screen at each key press, whether the widget took the answer, and
// what it said about saving. Kept in localStorage, so that it outlives reloads and closed tabs.
(() => {
  const page = Math.random().toString(36).slice(2);
  const watched = new WeakSet();
  let count = 0;
  let before = null;
  window.witness = { pressed: 0 };

  const note = entry => {
    const name = `witness:${page}:${String(count++).padStart(6, "0")}`;
    localStorage.setItem(name, JSON.stringify({ page, at: performance.now(), ...entry }));
  };

  const shown = root => {
    const text = root.querySelector(".ja-text")?.textContent ?? "";
    return Number(/^Text number (\d+)\.$/.exec(text)?.[1] ?? 0);
  };

  const say = root => {
    note({ what: "state", status: root.dataset.jaStatus, unsaved: Number(root.dataset.jaUnsaved) });
  };

  const watch = root => {
    watched.add(root);
    // Registered after the widget's own listener on the same element, so it runs after that.
    root.addEventListener("keydown", () => {
      if (before === null) return;
      const taken = Number(root.dataset.jaSerial) > before.serial;
      note({ what: "press", key: before.key, item: before.item, taken });
      window.witness.pressed += 1;
      before = null;
    });
    const filter = { attributes: true, attributeFilter: ["data-ja-status", "data-ja-unsaved"] };
    new MutationObserver(() => say(root)).observe(root, filter);
    say(root);
  };

  window.addEventListener("keydown", ev => {
    const root = ev.composedPath().find(each => each instanceof Element && each.classList.contains("ja-root"));
    if (!root || !/^[123]$/.test(ev.key)) return;
    if (!watched.has(root)) watch(root);
    before = { key: ev.key, item: shown(root), serial: Number(root.dataset.jaSerial) };
  }, true);
})();
