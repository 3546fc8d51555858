/** In seconds, far more than anything here takes; only a test that would hang for ever runs into it. */
export const patience = 90;

/** `promise`, or an error that names `what` did not happen. */
export function within(promise, what, { seconds = patience } = {}) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${seconds} s were not enough for ${what}`)),
      seconds * 1000,
    );
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
