import type { Hono } from 'hono';
import { z } from 'zod';
import { LikewiseError } from '../../errors.ts';
import type { Engine } from '../client.ts';
import {
  changeAnalogySchema,
  deleteAnalogySchema,
  listAnalogiesSchema,
  referenceSchema,
  saveAnalogySchema,
} from '../protocol.ts';
import { analogyOf, bodyOf, bytesOf, type Ctx, queryOf, type Variables } from './requests.ts';

/** Most bytes of a JSON body here. */
const most = 10_000;

/** Named and nameless analogies. */
export function analogyRoutes(app: Hono<Variables>, engine: Engine, maxImport: number): void {
  app.get('/v1/analogies', async (c) =>
    c.json(await engine.listAnalogies(c.get('owner'), queryOf(c, listAnalogiesSchema))),
  );
  app.get('/v1/analogies/find', async (c) => {
    const { text } = queryOf(c, z.object({ text: z.string().max(200) }));
    return c.json(await engine.findAnalogies(c.get('owner'), text));
  });
  app.get('/v1/analogies/one', async (c) =>
    c.json(await engine.analogy(c.get('owner'), queryOf(c, referenceSchema))),
  );
  app.post('/v1/analogies/named', async (c) => {
    const request = await bodyOf(c, saveAnalogySchema, most);
    return c.json(await engine.saveAnalogy(c.get('owner'), request));
  });
  app.patch('/v1/analogies/one', async (c) => {
    const request = await bodyOf(c, changeAnalogySchema, most);
    return c.json(await engine.changeAnalogy(c.get('owner'), request));
  });
  app.delete('/v1/analogies/one', async (c) => {
    await engine.deleteAnalogy(c.get('owner'), await bodyOf(c, deleteAnalogySchema, most));
    return c.body(null, 204);
  });
  app.get('/v1/analogies/:analogy/file', async (c) => {
    const bytes = await engine.exportAnalogy(c.get('owner'), analogyOf(c));
    return c.body(bytes as Uint8Array<ArrayBuffer>, 200, {
      'content-type': 'application/octet-stream',
    });
  });
  app.post('/v1/analogies', async (c) => {
    const bytes = await bytesOf(c, maxImport, () => tooLarge(c, maxImport));
    return c.json(await engine.importAnalogy(c.get('owner'), bytes));
  });
}

/** Of a file that is not read to its end: as large as it is said to be, or larger than the limit. */
function tooLarge(c: Ctx, most: number): LikewiseError {
  const said = Number(c.req.header('content-length') ?? most);
  const [megabytes, limit] = [Math.max(said, most), most].map((bytes) =>
    Number((bytes / 1e6).toFixed(1)),
  ) as [number, number];
  return new LikewiseError('ANALOGY_FILE_TOO_LARGE', { megabytes, limit });
}
