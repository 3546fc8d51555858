/** Sets a page's wall clock wrong by `offset` ms, from its next document on, before that one's first import. */
export function setClock(tab, offset) {
  return tab.page.evaluateOnNewDocument((offset) => {
    const { now } = Date;
    globalThis.clockOffset = offset;
    Date.now = () => now() + clockOffset;
    globalThis.Date = new Proxy(Date, {
      construct: (real, args) =>
        new real(...(args.length ? args : [real.now()])),
      apply: (real) => new real(real.now()).toString(),
    });
  }, offset);
}
