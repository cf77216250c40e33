/**
 * Names by which Preact, signals-core and the components speak to each other and to nobody else: the bundle shortens them.
 *
 * No name of the page, of a message or of what the browser stores looks like these (js/test/build.test.ts).
 */

const LIBRARIES = [
  "__.*|component[DW].*|shouldComponent.*|getDerivedState.*|getSnapshot.*",
  "getChildContext|contextType|debounceRendering|forceUpdate|setState|(un)?watched|peek|current|props",
];

/** Of ours, those that stand in the bundle most often. */
const OWN = [
  "acknowledge|activate|advance|armed|asking|attempts|blobs|choose|chosen|crosshair|describe|discard|dismiss|displayed",
  "draft|dueAt|editor|elsewhere|expectMore|expectNothing|fetchItem|guest|handleOf|handlers|icon|keeping|lasting|later",
  "letter|lookAgain|longestWait|neighbour|offsets|outbox|panel|parcel|phase|picture|pieces|prefill|press|pressed|previous|problem",
  "question|queue|rangeOf|receive|reconnect|sentFirst|serial|several|shownFor|shownMs|spot|submitsAtOnce",
  "suggested|Surface|surface|toCodePoint|toSketch|touched|undecided|unitAt|unmeant|upcoming|waits|written",
  "clicks|decidedIds|deliver|handle|hashOf|initial|missing|native|ordered|owns|past|propsOf|refill|revert|revisit|revived|settle",
  "shown|silent|strokeOf|undone|unmount|wanted|zoom|busy|dashed|draw|element|fine|forget|level|redo|reopen|reveal|rubber|signature",
  "blank|covers|hint|Panel|piece|selection",
];

export const INNER = new RegExp(`^(?:${[...LIBRARIES, ...OWN].join("|")})$`);
