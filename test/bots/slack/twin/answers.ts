import type { JsonObject } from './shapes.ts';

/** What a request is answered with. */
export interface Answer {
  readonly status: number;
  readonly body?: JsonObject | string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One of Slack's refusals, which come with status 200. */
export const refused = (error: string, more: JsonObject = {}): Answer => ({
  status: 200,
  body: { ok: false, error, ...more },
});

export const fine = (more: JsonObject = {}): Answer => ({
  status: 200,
  body: { ok: true, ...more },
});

/** What is seen in place of a file where the token may not read it: with status 200. */
export const loginPage: Answer = {
  status: 200,
  body: '<!DOCTYPE html><html lang="en"><head><title>Sign in | Slack</title></head><body><form action="/signin"></form></body></html>',
  headers: { 'content-type': 'text/html; charset=utf-8' },
};

export const object = (value: unknown): JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : {};

export const word = (value: unknown): string => (typeof value === 'string' ? value : '');
