import { DTYPES, type Session, type Tensor } from '../onnx/index.ts';

/**
 * A session that takes any batch: a graph whose batch was fixed at 1 when it was exported is run
 * once a sample, and the answers are put together again. Others are given back as they are.
 */
export function anyBatch(session: Session): Session {
  const single = session.inputs.filter(({ dims }) => dims[0] === 1).map(({ name }) => name);
  if (single.length === 0) return session;
  return {
    ...session,
    async run(feeds, fetches) {
      const batch = Math.max(...single.map((name) => feeds[name]?.dims[0] ?? 1));
      if (batch <= 1) return session.run(feeds, fetches);
      const runs: Record<string, Tensor>[] = [];
      for (let i = 0; i < batch; i++) {
        const part = Object.entries(feeds).map(([name, feed]) => [name, sampleOf(feed, batch, i)]);
        runs.push(await session.run(Object.fromEntries(part), fetches));
      }
      const names = Object.keys(runs[0] ?? {});
      return Object.fromEntries(names.map((name) => [name, joined(runs, name)]));
    },
  };
}

/** Sample i of a feed, as a batch of 1; a feed that is the same for all samples as it is. */
function sampleOf(feed: Tensor, batch: number, i: number): Tensor {
  if (feed.dims[0] !== batch) return feed;
  const size = feed.data.length / batch;
  const data = feed.data.subarray(i * size, (i + 1) * size) as Tensor['data'];
  return { dtype: feed.dtype, dims: [1, ...feed.dims.slice(1)], data };
}

/** One output of all runs, [1, ...] each, as a batch. */
function joined(runs: readonly Record<string, Tensor>[], name: string): Tensor {
  const parts = runs.map((run) => run[name] as Tensor);
  const { dtype, dims, data } = parts[0] as Tensor;
  const out = new DTYPES[dtype].array(parts.length * data.length) as Float32Array;
  for (const [i, part] of parts.entries()) out.set(part.data as Float32Array, i * data.length);
  return { dtype, dims: [parts.length, ...dims.slice(1)], data: out } as Tensor;
}
