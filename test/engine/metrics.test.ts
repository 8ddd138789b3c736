import { describe, expect, test } from 'vitest';
import { createStatistics } from '../../src/cache/statistics.ts';
import { createMetrics, type Sources } from '../../src/engine/metrics.ts';

const jobs = {
  render: { depth: 3, oldestSeconds: 1.5 },
  inversion: { depth: 7, oldestSeconds: 60 },
  checkpointAge: 9.5,
  full: false,
};
const intake = {
  pid: 1,
  started: 5,
  crashed: 2,
  slow: 1,
  memory: 0,
  waiting: 4,
  peakBytes: 123e6 as number | undefined,
};

/** Samples by their name and labels, as Prometheus reads them. */
async function samples(metrics: ReturnType<typeof createMetrics>): Promise<Map<string, number>> {
  const { type, text } = await metrics.text();
  expect(type).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

describe('metrics', () => {
  test('count what they are told', async () => {
    const metrics = createMetrics();
    metrics.waited('render', 0.3);
    metrics.waited('render', 40);
    metrics.worked('inversion', 'tokens', 0.2);
    metrics.ended('done');
    metrics.ended('done');
    metrics.refused('PICTURE_HEIC');
    metrics.refused('LIMIT_WAITING');
    metrics.refused('LIMIT_WAITING');
    metrics.restarted();
    metrics.restarted(2);
    metrics.took('webgpu', [{ provider: 'cuda' }]);
    const found = await samples(metrics);
    expect(Object.fromEntries(found)).toMatchObject({
      'likewise_provider{provider="webgpu"}': 1,
      'likewise_provider{provider="cuda"}': 0,
      'likewise_job_wait_seconds_bucket{le="0.1",class="render"}': 0,
      'likewise_job_wait_seconds_bucket{le="0.5",class="render"}': 1,
      'likewise_job_wait_seconds_bucket{le="60",class="render"}': 2,
      'likewise_job_wait_seconds_sum{class="render"}': 40.3,
      'likewise_step_seconds_count{class="inversion",label="tokens"}': 1,
      'likewise_step_seconds_sum{class="inversion",label="tokens"}': 0.2,
      'likewise_jobs_ended_total{state="done"}': 2,
      'likewise_jobs_ended_total{state="failed"}': 0,
      'likewise_refusals_total{code="PICTURE_HEIC"}': 1,
      'likewise_refusals_total{code="LIMIT_WAITING"}': 2,
      likewise_engine_restarts_total: 3,
    });
    expect(found.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect([...found.keys()].some((name) => name.startsWith('nodejs_eventloop_lag'))).toBe(true);
  });

  test('look the rest up each time they are asked for', async () => {
    const statistics = createStatistics();
    let now = { jobs, intake };
    const sources: Sources = {
      jobs: { statistics: () => now.jobs },
      intake: { statistics: () => now.intake },
      cache: { statistics },
      deviceHeap: async () => 42e6,
    };
    const metrics = createMetrics();
    metrics.collect(sources);
    statistics.count('noises', 'hits');
    statistics.count('noises', 'misses');
    const found = await samples(metrics);
    expect(Object.fromEntries(found)).toMatchObject({
      'likewise_jobs_waiting{class="render"}': 3,
      'likewise_jobs_waiting{class="inversion"}': 7,
      'likewise_jobs_oldest_seconds{class="render"}': 1.5,
      'likewise_jobs_oldest_seconds{class="inversion"}': 60,
      likewise_checkpoint_age_seconds: 9.5,
      likewise_disk_full: 0,
      'likewise_cache_hits_total{kind="noises"}': 1,
      'likewise_cache_misses_total{kind="noises"}': 1,
      'likewise_cache_hits_total{kind="embeddings"}': 0,
      'likewise_cache_corrupt_total{kind="pictures"}': 0,
      likewise_intake_waiting: 4,
      likewise_intake_started_total: 5,
      'likewise_intake_ended_total{reason="crashed"}': 2,
      'likewise_intake_ended_total{reason="memory"}': 0,
      likewise_intake_peak_bytes: 123e6,
      'likewise_memory_bytes{part="device_heap"}': 42e6,
    });
    expect(found.get('likewise_memory_bytes{part="resident"}')).toBeGreaterThan(1e6);
    expect(found.get('likewise_memory_peak_bytes')).toBeGreaterThan(1e6);

    now = {
      jobs: { ...jobs, render: { depth: 0, oldestSeconds: 0 }, full: true },
      intake: { ...intake, started: 6, peakBytes: undefined },
    };
    statistics.count('noises', 'hits');
    const later = await samples(metrics);
    expect(Object.fromEntries(later)).toMatchObject({
      'likewise_jobs_waiting{class="render"}': 0,
      likewise_disk_full: 1,
      'likewise_cache_hits_total{kind="noises"}': 2,
      likewise_intake_started_total: 6,
    });
    expect(later.has('likewise_intake_peak_bytes')).toBe(false);
  });

  test('leave out a source that fails, and say so', async () => {
    const metrics = createMetrics();
    metrics.collect({
      jobs: {
        statistics: () => {
          throw new Error('closed');
        },
      },
      intake: { statistics: () => intake },
    });
    await samples(metrics);
    const found = await samples(metrics);
    expect(found.has('likewise_jobs_waiting{class="render"}')).toBe(false);
    expect(found.has('likewise_checkpoint_age_seconds')).toBe(false);
    expect(found.get('likewise_intake_waiting')).toBe(4);
    expect(found.get('likewise_scrape_failures_total{source="jobs"}')).toBeGreaterThan(0);
    expect(found.has('likewise_cache_hits_total{kind="noises"}')).toBe(false);
  });

  test('take few values for a label, and no names of people or things', async () => {
    const metrics = createMetrics();
    metrics.refused('guild-1234');
    metrics.refused('constructor');
    metrics.worked('render', 'user 5', 1);
    const word = (i: number) => `a${String.fromCharCode(97 + (i % 26))}${'b'.repeat(i / 26)}`;
    for (let i = 0; i < 100; i++) metrics.worked('render', word(i), 1);
    metrics.worked('render', word(0), 1);
    const found = await samples(metrics);
    expect(found.get('likewise_refusals_total{code="other"}')).toBe(2);
    const counts = [...found].filter(([name]) => name.startsWith('likewise_step_seconds_count'));
    expect(counts).toHaveLength(21);
    expect(found.get('likewise_step_seconds_count{class="render",label="other"}')).toBe(81);
    expect(found.get('likewise_step_seconds_count{class="render",label="aa"}')).toBe(2);
  });

  test('have names and units as Prometheus has them, and labels that name nobody', async () => {
    const metrics = createMetrics();
    metrics.collect({
      jobs: { statistics: () => jobs },
      intake: { statistics: () => intake },
      cache: { statistics: createStatistics() },
    });
    const { text } = await metrics.text();
    const types = [...text.matchAll(/^# TYPE (likewise_\w+) (\w+)$/gm)];
    expect(types.length).toBeGreaterThan(15);
    for (const [, name, type] of types) {
      expect(name).toMatch(/^likewise_[a-z_]+$/);
      expect(name!.endsWith('_total')).toBe(type === 'counter');
      if (type === 'histogram') expect(name).toMatch(/_seconds$/);
    }
    const labels = [...text.matchAll(/^likewise_\w+\{(.*)\}/gm)].flatMap(([, all]) =>
      all!.split(',').map((label) => label.split('=')[0]),
    );
    const allowed = ['class', 'label', 'state', 'code', 'kind', 'reason', 'part', 'source', 'le'];
    expect(allowed).toEqual(expect.arrayContaining([...new Set(labels)]));
  });
});
