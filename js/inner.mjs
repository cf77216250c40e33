/**
 * Names by which Preact, signals-core and the components speak to each other and to nobody else: the bundle shortens them.
 *
 * No name of the page, of a message or of what the browser stores looks like these (js/test/build.test.ts).
 */
export const INNER =
  /^(__|component[DW]|shouldComponent|getDerivedState|getSnapshot|getChildContext$|contextType$|debounceRendering$|forceUpdate$|setState$|(un)?watched$|peek$)/;
