/**
 * @file Runs in the page, before the page's own script: writes down what the sliders ask of the server,
 * which picture came of it, and when that picture was there to be seen. It changes nothing.
 */
(() => {
  /** Whether what happens belongs to a drag. */
  let dragging = false;
  /** When the slider was let go, and where both stood. */
  let released;
  let waiting;
  const counts = { positions: 0, started: 0, finished: 0, cancelled: 0, failed: 0, shown: 0 };
  /** Files of pictures, with the place of the sliders that each was drawn for. */
  const places = new Map();
  const placeOf = ({ lambda, guidance }) => `${lambda} ${guidance}`;

  const ask = window.fetch;
  window.fetch = async (...args) => {
    const [address, init] = args;
    if (address !== '/api/live') return ask(...args);
    const counted = dragging;
    if (counted) counts.started++;
    try {
      const response = await ask(...args);
      const { view } = await response.clone().json();
      if (view?.kind === 'result' && view.picture) {
        places.set(
          `/api/files/${encodeURIComponent(view.picture)}`,
          placeOf(JSON.parse(init.body)),
        );
        if (counted) counts.finished++;
      } else if (counted) counts[view?.kind === 'cancelled' ? 'cancelled' : 'failed']++;
      return response;
    } catch (error) {
      if (counted) counts[init?.signal?.aborted ? 'cancelled' : 'failed']++;
      throw error;
    }
  };

  const isSlider = ({ target }) => target instanceof HTMLInputElement && target.type === 'range';
  // Loading is heard of by the document, not by the window.
  const listen = (name, heard) => document.addEventListener(name, heard, { capture: true });
  listen('pointerdown', (event) => {
    if (!isSlider(event)) return;
    dragging = true;
    released = undefined;
  });
  listen('input', (event) => {
    if (isSlider(event) && dragging) counts.positions++;
  });
  let up = 0;
  listen('pointerup', (event) => {
    up = event.timeStamp;
  });
  // It comes right after the pointer went up, or a key down; and before the page hears of it.
  listen('change', (event) => {
    if (!isSlider(event)) return;
    const [strength, guidance] = event.target.closest('.dials').querySelectorAll('input');
    const place = { lambda: Number(strength.value), guidance: Number(guidance.value) };
    released = { at: dragging ? up : event.timeStamp, place };
  });
  listen('load', ({ target }) => {
    if (!(target instanceof HTMLImageElement) || !target.matches('.hero-picture')) return;
    if (dragging) counts.shown++;
    const place = places.get(new URL(target.src).pathname);
    if (!released || place !== placeOf(released.place)) return;
    waiting?.({ ...released.place, ms: performance.now() - released.at });
    waiting = undefined;
    released.ms ??= performance.now() - released.at;
  });

  window.likewiseWatch = {
    counts,
    /** Resolves once the picture of the final place is shown: where that is, and how long it took. */
    async settled(patience) {
      if (!released) throw new Error('the slider was not let go');
      const found =
        released.ms === undefined
          ? await new Promise((resolve, reject) => {
              waiting = resolve;
              setTimeout(() => reject(new Error('the final picture did not come')), patience);
            })
          : { ...released.place, ms: released.ms };
      dragging = false;
      return found;
    },
  };
})();
