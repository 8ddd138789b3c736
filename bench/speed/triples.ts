/** Cold analogies, each in a process of its own, and what the paper's preset would take in full. */

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { presets } from '../../src/engine/inversion/index.ts';
import type { Timing } from './compare.ts';
import type { TripleOrder, TripleResult } from './triple.ts';

export interface TripleTiming extends TripleResult {
  readonly preset: 'fast' | 'paper';
  /** Share of the optimisers' steps that was made; below 1, everything else is extrapolated. */
  readonly fraction: number;
}

/** The changes to a preset that make only a share of its optimisers' steps. */
export function shortened(name: 'fast' | 'paper', fraction: number): Record<string, number> {
  if (fraction === 1) return {};
  const { tokens, noise } = presets[name];
  return {
    'tokens.iterations': Math.max(1, Math.round(tokens.iterations * fraction)),
    ...(noise && { 'noise.evaluations': Math.max(1, Math.round(noise.evaluations * fraction)) }),
  };
}

/** What all steps would have taken, in proportion to those that were made. */
export function extrapolated(
  name: 'fast' | 'paper',
  fraction: number,
  measured: TripleResult,
): TripleTiming {
  const changes = shortened(name, fraction);
  const { tokens, noise, steps } = presets[name];
  const tokensBy = tokens.iterations / (changes['tokens.iterations'] ?? tokens.iterations);
  const noiseBy = noise
    ? noise.evaluations / (changes['noise.evaluations'] ?? noise.evaluations)
    : 1;
  const times = (by: number, { forward, vjp }: { forward: number; vjp: number }) => ({
    forward: Math.round(forward * by),
    vjp: Math.round(vjp * by),
  });
  const seconds = { tokens: measured.tokens * tokensBy, noise: measured.noise * noiseBy };
  const more = seconds.tokens + seconds.noise - measured.tokens - measured.noise;
  return {
    ...measured,
    ...seconds,
    total: measured.total + more,
    evaluations: {
      tokens: times(tokensBy, measured.evaluations.tokens),
      // The reconstruction that is reported, one chain of forwards, is made once whatever the share.
      noise: {
        forward: Math.round((measured.evaluations.noise.forward - steps) * noiseBy) + steps,
        vjp: Math.round(measured.evaluations.noise.vjp * noiseBy),
      },
    },
    preset: name,
    fraction,
  };
}

/** U-Net evaluations of all inversions of a triple, a gradient counted as one like a forward. */
export function evaluationsOf({ evaluations: { tokens, noise } }: TripleResult): {
  forward: number;
  vjp: number;
  all: number;
} {
  const forward = tokens.forward + noise.forward;
  const vjp = tokens.vjp + noise.vjp;
  return { forward, vjp, all: forward + vjp };
}

/**
 * What PyTorch would take for the paper's preset, from its own measured steps: Eq. 2 for three
 * pictures, Eq. 3 for one, one render; no data loading, no optimiser, no saving.
 */
export function referencePaperSeconds(timings: readonly Timing[]): number | null {
  const seconds = (id: string) => timings.find((timing) => timing.id === id)?.reference ?? null;
  const [step, gradient, render] = ['tokens_step', 'noise_step', 'render'].map(seconds);
  if (typeof step !== 'number' || typeof gradient !== 'number' || typeof render !== 'number') {
    return null;
  }
  const { tokens, noise } = presets.paper;
  return 3 * tokens.iterations * step + (noise?.evaluations ?? 0) * gradient + render;
}

/** Runs one triple in a fresh process. */
export function runTriple(order: TripleOrder, signal?: AbortSignal): Promise<TripleResult> {
  const script = fileURLToPath(new URL('./triple.ts', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(signal && { signal, killSignal: 'SIGKILL' }),
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code !== 0) reject(new Error(`the cold triple ended with status ${code}`));
      else resolve(JSON.parse(out) as TripleResult);
    });
  });
}
