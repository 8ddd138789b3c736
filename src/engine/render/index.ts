/** Pictures for people: the grid, single cells, and the lettering both are labelled with. */
export { encodePng } from './encode.ts';
export { type GridCell, type GridContent, type GridOptions, renderGrid } from './grid.ts';
