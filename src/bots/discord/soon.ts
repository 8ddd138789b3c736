/** Milliseconds that is waited for names which are offered; Discord waits for 3 s in all. */
const patience = 1000;

/** What is there soon; undefined where it is not, e.g. as the engine does not answer. */
export async function soon<Value>(value: Promise<Value>): Promise<Value | undefined> {
  const late = new Promise<undefined>((resolve) => {
    setTimeout(() => resolve(undefined), patience).unref();
  });
  return Promise.race([value, late]);
}
