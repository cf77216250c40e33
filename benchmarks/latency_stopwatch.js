// From a trusted key to the frame that shows the next item, the same way for every widget.
//
// The clock starts at the event's own time stamp, when the browser got the key. It stops once the frame after the
// change of the content has been drawn: a task of the highest priority posted from that frame's animation callback
// is the first to run after style, layout and paint.
(() => {
  const ROOTS = ".ja-root, .bare-root";
  const CONTENT = ".ja-text, .bare-text";
  const keys = [];
  window.stopwatch = { take: () => keys.splice(0) };

  const textOf = root => root.querySelector(CONTENT)?.textContent ?? null;

  const drawn = act => {
    requestAnimationFrame(() => { void scheduler.postTask(act, { priority: "user-blocking" }); });
  };

  window.addEventListener("keydown", ev => {
    const root = ev.composedPath().find(each => each instanceof Element && each.matches(ROOTS));
    if (!root || !ev.isTrusted || !/^[123]$/.test(ev.key)) return;
    const key = { changed: null, drawn: null };
    keys.push(key);
    const before = textOf(root);
    const watcher = new MutationObserver(() => {
      const now = textOf(root);
      if (now === null || now === before) return;
      watcher.disconnect();
      key.changed = performance.now() - ev.timeStamp;
      drawn(() => { key.drawn = performance.now() - ev.timeStamp; });
    });
    watcher.observe(root, { subtree: true, childList: true, characterData: true });
  }, true);
})();
