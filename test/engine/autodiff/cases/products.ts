import type { Attribute } from '../graphs.ts';
import { type Case, floats } from './case.ts';

export const products: Case[] = [
  {
    op: 'MatMul',
    inputs: [
      [2, 3],
      [3, 4],
    ],
  },
  {
    op: 'MatMul',
    about: 'batches',
    inputs: [
      [2, 1, 2, 3],
      [5, 3, 4],
    ],
  },
  {
    op: 'MatMul',
    about: 'rows by a matrix',
    inputs: [
      [2, 5, 3],
      [3, 4],
    ],
  },
  { op: 'MatMul', about: 'vector, matrix', inputs: [[3], [2, 3, 4]] },
  { op: 'MatMul', about: 'matrix, vector', inputs: [[2, 4, 3], [3]] },
  { op: 'MatMul', about: 'vectors', inputs: [[3], [3]] },
  ...[0, 1].flatMap((transA) =>
    [0, 1].map(
      (transB): Case => ({
        op: 'Gemm',
        about: `${transA} ${transB}`,
        inputs: [transA ? [3, 2] : [2, 3], transB ? [4, 3] : [3, 4], [4]],
        attributes: { transA, transB, alpha: { f: 0.5 }, beta: { f: 2 } },
      }),
    ),
  ),
  ...['ij,jk->ik', 'bhid,bhjd->bhij', 'ij,kj->k', 'ij,i->j', 'ij->ji', 'ij->i'].map(
    (equation): Case => ({
      op: 'Einsum',
      about: equation,
      inputs: (equation.split('->')[0] as string)
        .split(',')
        .map((term) => [...term].map((letter) => 'ijkbhd'.indexOf(letter) + 2)),
      attributes: { equation },
    }),
  ),

  ...[
    { about: 'padded', attributes: { pads: [1, 1, 1, 1] } },
    { about: 'odd pads', attributes: { pads: [0, 1, 2, 0] } },
    { about: 'pads beyond the kernel', attributes: { pads: [3, 0, 0, 4] } },
    { about: 'dilated', attributes: { dilations: [2, 1], pads: [2, 0, 1, 1] } },
    { about: 'stride 2', attributes: { strides: [2, 2], pads: [1, 1, 1, 1] } },
    { about: 'stride 2, no pads', attributes: { strides: [2, 2] } },
    { about: 'stride 3', attributes: { strides: [3, 3], pads: [1, 0, 1, 2] } },
    { about: 'uneven strides', attributes: { strides: [1, 2], pads: [1, 1, 1, 1] } },
    { about: 'same upper', attributes: { strides: [2, 2], auto_pad: 'SAME_UPPER' } },
  ].map(
    ({ about, attributes }): Case => ({
      op: 'Conv',
      about,
      inputs: [[2, 3, 7, 6]],
      wires: ['x0', 'w'],
      constants: floats('w', [4, 3, 3, 3], 2),
      attributes: attributes as Record<string, Attribute>,
      linear: true,
    }),
  ),
  {
    op: 'Conv',
    about: 'groups, bias',
    inputs: [[2, 4, 5, 5], [6]],
    wires: ['x0', 'w', 'x1'],
    constants: floats('w', [6, 2, 3, 3], 2),
    attributes: { group: 2, pads: [1, 1, 1, 1] },
    linear: true,
  },
  {
    op: 'Conv',
    about: '1x1',
    inputs: [[1, 4, 3, 3]],
    wires: ['x0', 'w'],
    constants: floats('w', [2, 4, 1, 1], 2),
    linear: true,
  },
  {
    op: 'Conv',
    about: 'one dimension',
    inputs: [[2, 3, 9]],
    wires: ['x0', 'w'],
    constants: floats('w', [4, 3, 3], 2),
    attributes: { strides: [2] },
    linear: true,
  },
  {
    op: 'ConvTranspose',
    inputs: [[1, 3, 4, 4]],
    wires: ['x0', 'w'],
    constants: floats('w', [3, 2, 3, 3], 2),
    attributes: { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] },
    linear: true,
  },
];
