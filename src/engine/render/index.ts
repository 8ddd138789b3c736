/** Pictures for people: the grid, the sweep, single cells, and the lettering they are labelled with. */
export { type AnimationFrame, type AnimationOptions, renderAnimation } from './animation.ts';
export { decodePng, encodePng } from './encode.ts';
export { type GridCell, type GridContent, type GridOptions, renderGrid } from './grid.ts';
