/**
 * How parent and child talk: frames over a pipe, each a header (JSON) and a body (bytes), with the
 * lengths of both, 4 bytes each, big-endian, before them. Whoever reads says how long both may be:
 * the child may have been taken over by a picture, and then writes what it likes.
 */
export interface Frame {
  readonly header: unknown;
  readonly body: Uint8Array;
}

/** Most bytes of a header, and of a body. */
export interface FrameLimits {
  readonly header: number;
  readonly body: number;
}

const lengths = 8;

export function frameOf(header: unknown, body: Uint8Array = new Uint8Array()): Uint8Array[] {
  const text = Buffer.from(JSON.stringify(header));
  const start = Buffer.alloc(lengths);
  start.writeUInt32BE(text.length, 0);
  start.writeUInt32BE(body.length, 4);
  return [start, text, body];
}

/**
 * Puts frames together from the pieces that a pipe delivers.
 *
 * @returns takes the next piece, calls `onFrame` for each frame that it completes; throws a
 * RangeError for a frame that is too long, a SyntaxError for a header that is no JSON
 */
export function frameReader(
  limits: () => FrameLimits,
  onFrame: (frame: Frame) => void,
): (piece: Uint8Array) => void {
  let pieces: Uint8Array[] = [];
  let length = 0;
  let wanted = lengths;
  let lengthsOf: FrameLimits | undefined;

  const take = (): Buffer => {
    const all = Buffer.concat(pieces, length);
    pieces = [all.subarray(wanted)];
    length -= wanted;
    return all.subarray(0, wanted);
  };
  return (piece) => {
    pieces.push(piece);
    length += piece.length;
    while (length >= wanted) {
      const part = take();
      if (lengthsOf === undefined) {
        lengthsOf = { header: part.readUInt32BE(0), body: part.readUInt32BE(4) };
        const most = limits();
        if (lengthsOf.header > most.header || lengthsOf.body > most.body) {
          throw new RangeError(`a frame of ${lengthsOf.header} + ${lengthsOf.body} bytes`);
        }
        wanted = lengthsOf.header + lengthsOf.body;
      } else {
        const { header } = lengthsOf;
        lengthsOf = undefined;
        wanted = lengths;
        onFrame({
          header: JSON.parse(part.toString('utf8', 0, header)),
          body: new Uint8Array(part.subarray(header)),
        });
      }
    }
  };
}
