// What a person waits for in a widget, measured in the page: the first screen of an item, a key, the frames of a motion.
//
// A frame is over when a task of the highest priority posted from its animation callback runs: the first one after
// style, layout and paint.
(() => {
  const ROOTS = ".ja-root:not([data-test-stale]), .bare-root";
  const CONTENT = ".ja-text, .ja-spans, .bare-text";
  const PATIENCE = 5000;
  const now = () => performance.now();
  const nextFrame = () => new Promise(requestAnimationFrame);
  const painted = () => new Promise(done => {
    requestAnimationFrame(() => void scheduler.postTask(done, { priority: "user-blocking" }));
  });
  const rootNow = () => document.querySelector(ROOTS);

  // When the items have become objects: from then on their data are in the browser.
  let parsed = 0;
  const parse = JSON.parse;
  JSON.parse = (text, ...more) => {
    const found = parse(text, ...more);
    if (found?.data?.content?.kind === "state" || found?.content?.data?.content?.kind === "state") parsed = now();
    return found;
  };

  const firstText = () => {
    const content = rootNow()?.querySelector(CONTENT);
    return content ? document.createTreeWalker(content, NodeFilter.SHOW_TEXT).nextNode()?.data : undefined;
  };

  /** Milliseconds from the data to the frame that shows a text beginning like this. */
  async function firstScreen(beginning) {
    while (!firstText()?.startsWith(beginning)) await nextFrame();
    await new Promise(done => void scheduler.postTask(done, { priority: "user-blocking" }));
    return now() - parsed;
  }

  const imagesThere = root =>
    [...root.querySelectorAll("img")].every(each => each.complete && each.naturalWidth > 0);
  const shown = root => root.dataset.jaSerial ?? root.querySelector(CONTENT)?.textContent;

  // Every trusted key in a widget: the end of the next frame, and of the frame that shows another item with its images.
  const keys = [];
  let settled = null;
  const followed = async (ev, root, key) => {
    const before = shown(root);
    await painted();
    key.drawn = now() - ev.timeStamp;
    const there = () => shown(root) !== before && imagesThere(root);
    if (there()) {
      key.next = key.drawn;
      return;
    }
    while (!there()) {
      if (keys.at(-1) !== key || now() - ev.timeStamp > PATIENCE) return;
      await nextFrame();
    }
    await new Promise(done => void scheduler.postTask(done, { priority: "user-blocking" }));
    key.next = now() - ev.timeStamp;
  };
  window.addEventListener("keydown", ev => {
    const root = ev.composedPath().find(each => each instanceof Element && each.matches(ROOTS));
    if (!root || !ev.isTrusted) return;
    const key = { drawn: null, next: null };
    keys.push(key);
    settled = followed(ev, root, key);
  }, true);

  // Frames, and tasks that hold them up.
  const long = [];
  new PerformanceObserver(list => long.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: "longtask" });
  let watching = null;
  /** When the first event of a frame was dispatched. */
  let acted = null;
  const act = () => {
    acted ??= now();
  };
  for (const name of ["pointermove", "keydown"]) window.addEventListener(name, act, true);
  const frames = {
    start() {
      watching = { deltas: [], works: [], last: null };
      const mine = watching;
      long.length = 0;
      const turn = at => {
        if (watching !== mine) return;
        // Only frames in which something was done count: the others have nothing to draw.
        if (mine.last !== null) mine.deltas.push(at - mine.last);
        mine.last = acted === null ? null : at;
        const begun = acted;
        acted = null;
        if (begun !== null)
          void scheduler.postTask(() => mine.works.push(now() - begun), { priority: "user-blocking" });
        requestAnimationFrame(turn);
      };
      requestAnimationFrame(turn);
    },
    stop() {
      const { deltas, works } = watching;
      watching = null;
      return { deltas, works, long: long.splice(0) };
    },
  };

  /** Scroll a text in its box, by so many pixels each frame. */
  async function scroll(pixels, count) {
    const content = rootNow().querySelector(CONTENT);
    frames.start();
    for (let turn = 0; turn < count; turn++) {
      await nextFrame();
      act();
      content.scrollTop += pixels;
    }
    return frames.stop();
  }

  const nodes = () => {
    const walker = document.createTreeWalker(rootNow(), NodeFilter.SHOW_ALL);
    let count = 0;
    while (walker.nextNode()) count++;
    return count;
  };

  /** The answer on the screen, as far as it shows in drawing and lists. */
  const state = () => [...rootNow().querySelectorAll("svg, .ja-boxes, .ja-stage-sheet")].map(each => each.innerHTML).join();

  window.stopwatch = { state, firstScreen, frames, scroll, nodes, take: () => keys.splice(0), settled: () => settled };
})();
