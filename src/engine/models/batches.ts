import { DTYPES, type Session, type Tensor } from '../onnx/index.ts';

/**
 * A session that takes any batch: one that the graph does not (its batch was fixed at 1 when it was
 * exported), or that memory does not, is run in parts, and the answers are put together again. Others are
 * given back as they are.
 * @param most samples that are run at once
 */
export function anyBatch(session: Session, most = Number.POSITIVE_INFINITY): Session {
  const fixed = session.inputs.some(({ dims }) => dims[0] === 1 && dims.length > 1);
  const size = fixed ? 1 : most;
  if (!Number.isFinite(size)) return session;
  return {
    ...session,
    async run(feeds, fetches) {
      const batch = Math.max(...Object.values(feeds).map(({ dims }) => dims[0] ?? 1));
      if (batch <= size) return session.run(feeds, fetches);
      const runs: Record<string, Tensor>[] = [];
      for (let begin = 0; begin < batch; begin += size) {
        const end = Math.min(begin + size, batch);
        const part = Object.entries(feeds).map(([name, feed]) => [
          name,
          samplesOf(feed, batch, begin, end),
        ]);
        runs.push(await session.run(Object.fromEntries(part), fetches));
      }
      const names = Object.keys(runs[0] ?? {});
      return Object.fromEntries(names.map((name) => [name, joined(runs, name)]));
    },
  };
}

/** Samples of a feed; a feed that is the same for all samples as it is. */
function samplesOf(feed: Tensor, batch: number, begin: number, end: number): Tensor {
  if (feed.dims[0] !== batch) return feed;
  const size = feed.data.length / batch;
  const data = feed.data.subarray(begin * size, end * size) as Tensor['data'];
  return { dtype: feed.dtype, dims: [end - begin, ...feed.dims.slice(1)], data };
}

/** One output of all runs as a batch. */
function joined(runs: readonly Record<string, Tensor>[], name: string): Tensor {
  const parts = runs.map((run) => run[name] as Tensor);
  const { dtype, dims } = parts[0] as Tensor;
  const length = parts.reduce((sum, part) => sum + part.data.length, 0);
  const batch = parts.reduce((sum, part) => sum + (part.dims[0] ?? 0), 0);
  const out = new DTYPES[dtype].array(length) as Float32Array;
  let at = 0;
  for (const part of parts) {
    out.set(part.data as Float32Array, at);
    at += part.data.length;
  }
  return { dtype, dims: [batch, ...dims.slice(1)], data: out } as Tensor;
}
