import type { RuleContext } from '../rules/context.ts';
import { groupGradient, normalizeGroups, unitAffine } from '../rules/norm.ts';
import { eitherWay } from './activations.ts';

/**
 * GroupNorm as exporters write it below operator set 21, seen from its scale:
 * Reshape [B, G, N] -> InstanceNormalization -> Reshape [B, C, …] -> Mul by the scale.
 */
export function groupNorm(c: RuleContext): boolean {
  for (const [view, scale] of eitherWay(c)) {
    const back = c.inner(view, 'Reshape');
    const norm = back?.inner(back.x(), 'InstanceNormalization');
    const rows = norm?.inner(norm.x(), 'Reshape');
    if (!norm || !rows || !c.isFixed(scale) || !unitAffine(norm)) continue;
    const [dims, grouped] = [c.knownDims(rows.x()), c.knownDims(norm.x())];
    const [out, vector] = [c.knownDims(c.y()), c.knownDims(scale)];
    const channels = dims?.[1];
    const groups = grouped?.[1];
    if (!dims || !out || grouped?.length !== 3 || typeof channels !== 'number') continue;
    if (typeof groups !== 'number' || channels % groups !== 0) continue;
    // One scale a channel: [C, 1, …], over a view that is the input's own shape again.
    const fits =
      vector?.length === dims.length - 1 && vector.every((d, i) => d === (i === 0 ? channels : 1));
    if (!fits || dims.length < 3 || out.some((d, i) => d !== dims[i])) continue;
    const normalized = normalizeGroups(norm, norm.x(), grouped[2] ?? 1);
    norm.replaceOutput(normalized.hat);
    c.addTo(rows.x(), groupGradient(c, { x: rows.x(), channels, groups, scale, ...normalized }));
    return true;
  }
  return false;
}
