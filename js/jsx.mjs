/** What the elements in the sources become: calls of `h`, with less around each than calls of the JSX runtime. */
export { Fragment, h } from "preact";
