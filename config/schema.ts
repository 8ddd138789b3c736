import { z } from 'zod';

/**
 * Every setting, with its default. A setting is named by its path: `render.guidance` is
 * `{"render": {"guidance": …}}` in the settings file and `LIKEWISE_RENDER_GUIDANCE` in the
 * environment.
 */
const numbers = (least: number) => z.array(z.number().min(least).max(100)).min(1);

/** What one user, or one tenant, may have at once. */
const limits = (most: Record<'waiting' | 'running' | 'deviceSeconds' | 'megabytes', number>) =>
  z
    .strictObject({
      /** Jobs that wait; one more is refused. */
      waiting: z.int().min(1).max(1e6).default(most.waiting),
      /** Jobs that have begun; others wait until one of them is over. */
      running: z.int().min(1).max(1e6).default(most.running),
      /** Seconds of device time a day, UTC; once they are spent, jobs are refused. */
      deviceSeconds: z.number().positive().max(1e9).default(most.deviceSeconds),
      /**
       * MB (10^6 bytes) that are kept: requests, pictures, analogies, what was found and what was drawn,
       * and what jobs that are not over will draw. A picture, an import or a job that would go beyond is
       * refused. What is dropped, outlived or forgotten counts no more.
       */
      megabytes: z.number().positive().max(1e9).default(most.megabytes),
    })
    .prefault({});

/** A time to keep something, in days. */
const days = (count: number) => z.number().positive().max(3650).default(count);

export const schema = z.strictObject({
  /** A folder in diffusers' ONNX layout. */
  model: z.string().min(1).default('models/avatars'),
  /** Where what was found is kept between runs: a folder, `redis://…`, or `none`. */
  cache: z.string().min(1).default('.cache/likewise'),
  /** Most MB (10^6 bytes) of the cache; beyond it the least recently used goes. */
  cacheMegabytes: z.number().min(10).max(1e7).default(2000),
  /** Days for which the cache keeps each kind. Named analogies are kept until they are deleted. */
  retention: z
    .strictObject({
      /** Tokens and features of a picture: what Eq. 2 finds. */
      embeddings: days(30),
      /** The noise of a picture: what Eq. 3 finds. With its tokens it draws the picture again. */
      noises: days(30),
      /** Analogies that nobody named. */
      analogies: days(30),
      /** Pictures as the model sees them. */
      pictures: days(7),
      /** What was drawn. */
      cells: days(7),
    })
    .prefault({}),
  /** Named analogies. */
  library: z
    .strictObject({
      /** Most of one user in one tenant. */
      user: z.int().min(1).max(10_000).default(100),
      /** Most of one tenant. */
      tenant: z.int().min(1).max(10_000).default(1000),
    })
    .prefault({}),
  /** ONNX Runtime's execution provider; `auto`: the fastest that works. See docs/providers.md. */
  provider: z.enum(['auto', 'cpu', 'webgpu', 'cuda', 'coreml', 'dml']).default('auto'),
  /**
   * Most MB (10^6 bytes) that the model takes, weights included; 0: three quarters of the machine's memory on
   * the CPU; nine tenths of a GPU's, as nvidia-smi tells, or 11,500 where nothing does. With less, more is
   * computed twice; the results are the same.
   */
  memoryMegabytes: z.int().min(0).max(1e7).default(0),
  /** What U-Net and decoder compute in: `float16` takes half the memory, and is faster on most GPUs. */
  precision: z.enum(['float32', 'float16']).default('float32'),
  /** How images are inverted: `fast`, or `paper` for the paper's own algorithm. */
  preset: z.enum(['fast', 'paper']).default('fast'),
  /** Of all that is drawn at random. */
  seed: z.int().min(0).max(0xffffffff).default(0),
  render: z
    .strictObject({
      /** Strengths of the analogy, lambda of Eq. 1: the grid's columns. */
      lambda: numbers(-100).default([0, 0.5, 1, 1.5, 2]),
      /** Guidance scales, sigma, 0 or more: the grid's rows. */
      guidance: numbers(0).default([2]),
      /** `anchored`: lambda = 0 gives B back at every sigma; `classic`: the paper's guidance. */
      mode: z.enum(['anchored', 'classic']).default('anchored'),
      /**
       * The strength that `npm run analogy` marks in its grid. The engine looks at what it has drawn, and
       * suggests a cell by that.
       */
      suggested: z.number().default(1),
      /** Most cells of one grid. */
      maxCells: z.int().min(1).max(400).default(100),
      /** Most cells that are drawn in one piece of work: others' renders wait for no more than this. */
      batchCells: z.int().min(1).max(100).default(5),
    })
    .prefault({}),
  /** What is asked of a picture before it is decoded. */
  intake: z
    .strictObject({
      /** Most MB (10^6 bytes) of a file. */
      megabytes: z.number().positive().max(500).default(25),
      /** Most million pixels. */
      megapixels: z.number().positive().max(250).default(50),
      /** Fewest pixels a side. */
      minSide: z.int().min(2).default(16),
      /** Most times that one side may be longer than the other. */
      maxAspect: z.number().min(1).default(8),
      /** Most MB that its pixels take unpacked, at their own depth and number of channels. */
      unpackedMegabytes: z.number().positive().max(2000).default(200),
      /** The same of an interlaced PNG or progressive JPEG, which is unpacked all at once. */
      interlacedMegabytes: z.number().positive().max(2000).default(100),
      /** Animated, CMYK and 16-bit pictures: `refuse`, or `convert` to one 8-bit sRGB frame. */
      unusual: z.enum(['convert', 'refuse']).default('refuse'),
      /** The process that decodes for the engine. */
      child: z
        .strictObject({
          /** Most MB of memory that it may take; about 80 are taken before the first picture. */
          megabytes: z.number().min(128).max(65536).default(512),
          /** Most seconds for one picture. */
          seconds: z.number().positive().max(60).default(20),
          /** Pictures until another process takes its place. */
          pictures: z.int().min(1).max(1e6).default(100),
          /** Most pictures that wait; whoever comes then is told to try again. */
          waiting: z.int().min(1).max(10_000).default(64),
        })
        .prefault({}),
    })
    .prefault({}),
  /** The engine's process. */
  engine: z
    .strictObject({
      /** Where journal, library and token lie. */
      folder: z.string().min(1).default('.likewise'),
      /** Where it listens; `port` 0 takes any that is free. */
      host: z.string().min(1).default('127.0.0.1'),
      port: z.int().min(0).max(65_535).default(7431),
      /** A unix socket to listen on, in place of host and port. */
      socket: z.string().default(''),
      /** The bearer token that callers show; empty: one is made at the first start, in the folder. */
      token: z.string().default(''),
      /** Whether it may listen on more than the loopback. */
      allowRemote: z.boolean().default(false),
    })
    .prefault({}),
  /** The local page. */
  web: z
    .strictObject({
      /** Where it is served; on anything but the loopback, a password or a proxy is needed. */
      host: z.string().min(1).default('127.0.0.1'),
      port: z.int().min(0).max(65_535).default(7430),
      /** What visitors have to know; empty: nothing. */
      password: z.string().default(''),
      /** The header in which a reverse proxy names the users that it has let in. */
      proxyHeader: z.string().default(''),
      /** Host names by which it is reached, besides `localhost` and IP addresses. */
      hosts: z.array(z.string()).default([]),
    })
    .prefault({}),
  /** The Discord bot. */
  discord: z
    .strictObject({
      /** Of the bot, from the developer portal; empty: there is no bot. */
      token: z.string().default(''),
      /** Connections that share the servers among them; 0: as many as Discord asks for. */
      shards: z.int().min(0).max(1000).default(1),
      /** Address of Discord's API, without its version. */
      api: z.string().min(1).default('https://discord.com/api'),
      /** Hosts that pictures are fetched from, and no others. */
      attachmentHosts: z
        .array(z.string().min(1))
        .min(1)
        .default(['cdn.discordapp.com', 'media.discordapp.net']),
    })
    .prefault({}),
  /** The Slack bot: for one workspace by `botToken`, or for all that install it by `clientId`. */
  slack: z
    .strictObject({
      /** Of the app in its one workspace, `xoxb-…`; empty, with an empty `clientId`: there is no bot. */
      botToken: z.string().default(''),
      /** For Socket Mode, `xapp-…`: no address of one's own is needed. Empty: HTTP. */
      appToken: z.string().default(''),
      /** By which what Slack posts is known to be Slack's: needed for HTTP. */
      signingSecret: z.string().default(''),
      /** Of the app, where several workspaces install it. */
      clientId: z.string().default(''),
      clientSecret: z.string().default(''),
      /** Anything long and secret: it protects the way of an installation. */
      stateSecret: z.string().default(''),
      /** Where it listens for HTTP and installations: behind a reverse proxy that speaks TLS. */
      host: z.string().min(1).default('127.0.0.1'),
      port: z.int().min(0).max(65_535).default(7432),
      /** Address of Slack's Web API. */
      api: z.string().min(1).default('https://slack.com/api/'),
      /** Hosts that files are fetched from, and no others. */
      fileHosts: z.array(z.string().min(1)).min(1).default(['files.slack.com']),
    })
    .prefault({}),
  /** Where models are fetched from. */
  hub: z
    .strictObject({
      /** Address of a hub that speaks Hugging Face's protocol. */
      url: z.string().min(1).default('https://huggingface.co'),
      /** For repositories that are private, or whose terms have to be accepted; empty: none. */
      token: z.string().default(''),
    })
    .prefault({}),
  /** What is written to the log. */
  log: z
    .strictObject({
      level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    })
    .prefault({}),
  /** The queue in front of the device. */
  jobs: z
    .strictObject({
      /** Share of device time that inversions keep while renders wait too. */
      inversionShare: z.number().min(0).max(0.9).default(0.2),
      /** Seconds for which one user's inversion goes on while other users' wait. */
      turnSeconds: z.number().positive().max(86_400).default(60),
      /** Seconds after which whoever has waited longest goes first. */
      patienceSeconds: z.number().positive().max(604_800).default(600),
      /** Seconds between checkpoints of an inversion: what a crash costs at most. */
      checkpointSeconds: z.number().min(0).max(3600).default(10),
      /** Fewest seconds between two previews of one inversion. */
      previewSeconds: z.number().min(0).max(3600).default(3),
      /** Crashes of the engine in the middle of one job after which it is given up. */
      crashes: z.int().min(1).max(100).default(3),
      /** Days that a job is kept once it is over. */
      retentionDays: z.number().positive().max(3650).default(30),
      /** MB on the disk, and on that of the cache's folder, below which nothing new is accepted. */
      freeMegabytes: z.number().min(0).default(512),
      /** MB held in reserve, to end and remove things on a disk that is full all the same. */
      reserveMegabytes: z.number().min(0).max(10_000).default(16),
      /** Most of one user, by all of the user's jobs in one tenant. */
      user: limits({ waiting: 10, running: 2, deviceSeconds: 3600, megabytes: 200 }),
      /** Most of one tenant, by all of its users. */
      tenant: limits({ waiting: 100, running: 8, deviceSeconds: 28_800, megabytes: 2000 }),
    })
    .prefault({}),
});

export type Config = z.output<typeof schema>;

/** Every setting at its default. */
export const defaults: Config = schema.parse({});
