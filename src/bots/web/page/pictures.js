/** @file Pictures in the browser: where they come from, and small versions of them. */

/**
 * @param {DataTransfer | null} data
 * @returns {File | undefined} the first picture of what was dropped or pasted; else the first file
 */
export function fileOf(data) {
  const files = [...(data?.files ?? [])];
  return files.find(({ type }) => type.startsWith('image/')) ?? files[0];
}

/** @param {string} url of this server */
export async function load(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error('This picture is no longer there.');
  const name = new URL(url, location.href).pathname.split('/').pop() || 'picture.png';
  const blob = await response.blob();
  return new File([blob], name, { type: blob.type });
}

/**
 * Lets an element take dropped pictures.
 * @param {HTMLElement} element
 * @param {(file: File) => void} taken
 */
export function droppable(element, taken) {
  let depth = 0;
  const mark = () => element.classList.toggle('over', depth > 0);
  element.addEventListener('dragenter', (event) => {
    event.preventDefault();
    depth++;
    mark();
  });
  element.addEventListener('dragover', (event) => event.preventDefault());
  element.addEventListener('dragleave', () => {
    depth--;
    mark();
  });
  element.addEventListener('drop', async (event) => {
    event.preventDefault();
    event.stopPropagation();
    depth = 0;
    mark();
    const data = event.dataTransfer;
    // A sample or a result of the page itself comes as an address, and in some browsers as a file too.
    const address = data?.getData('text/uri-list').split('\n')[0];
    const isOwn = address && new URL(address, location.href).origin === location.origin;
    const file = isOwn ? await load(address).catch(() => undefined) : fileOf(data);
    if (file) taken(file);
  });
}

/** Longest side of the small versions, in pixels. */
const side = 112;

/**
 * @param {Blob} blob
 * @returns {Promise<string>} a `data:` address; empty where this browser cannot read the picture
 */
export async function smallOf(blob) {
  try {
    const image = await createImageBitmap(blob);
    const scale = Math.min(1, side / Math.max(image.width, image.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(image.width * scale));
    canvas.height = Math.max(1, Math.round(image.height * scale));
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
    const url = canvas.toDataURL('image/webp', 0.85);
    return url.length < 24_000 ? url : '';
  } catch {
    return '';
  }
}
