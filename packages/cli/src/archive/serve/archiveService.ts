/**
 * What a served archive answers by HTTP, to whoever has the token and nobody else.
 * @module
 */
import type { IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import type { Archive } from '@stanzaseal/archive';
import { toBase64 } from '@stanzaseal/cms';
import { type Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { CliFailure, tell } from '../../failure.js';
import { tooLarge } from '../../input.js';
import { ownerOption, wholeOption } from '../openedArchive.js';
import { bearerCheck } from './bearer.js';
import { type Answer, feed } from './feed.js';

/** The longest body, in octets: its answers are held until all of it is durable. */
export const MAX_BODY = 16_777_216;
/** How long figures are good, in ms: to count rows takes a while. */
const FIGURES_LAST = 5000;

type Answered = Context<{ Bindings: HttpBindings }>;

/** What the service stands on. */
export interface ServiceParameters {
  readonly archive: Archive;
  readonly token: string;
  /** Ends feeds: what was taken is kept and answered. */
  readonly stopping: AbortSignal;
  readonly now: () => number;
}

/** The routes: `POST /ingest`, `GET /checkpoint`, `/proof/OWNER/ID`, `/proof/RECORD`, `/consistency/FIRST/SECOND`, `/metrics`. */
export function archiveService({ archive, token, stopping, now }: ServiceParameters): Hono<{ Bindings: HttpBindings }> {
  const service = new Hono<{ Bindings: HttpBindings }>();
  const isKnown = bearerCheck(token);
  service.use(async (context, next) => {
    context.header('Cache-Control', 'no-store');
    if (!isKnown(context.req.header('Authorization'))) return context.body('', 401, { 'WWW-Authenticate': 'Bearer' });
    await next();
    if (stopping.aborted) context.header('Connection', 'close'); // else it would be kept open for another request
    return undefined;
  });
  service.post('/ingest', (context) => ingest(context, archive, stopping));
  service.get('/checkpoint', async (context) => {
    const checkpoint = await archive.checkpoint();
    if (checkpoint === undefined) throw new CliFailure('ERR_NOT_FOUND', 'the log has no entry');
    return context.text(checkpoint.note);
  });
  service.get('/proof/:owner/:id', async (context) => {
    const { owner, id } = context.req.param();
    return context.text((await archive.proofOf({ owner: ownerOption(owner), id })).proof);
  });
  service.get('/proof/:record', async (context) => {
    const place = wholeOption(context.req.param('record'));
    return context.text((await archive.proofOf({ owner: '', id: `#${place}` })).proof);
  });
  service.get('/consistency/:first/:second', async (context) => {
    const { first, second } = context.req.param();
    const path = await archive.consistencyProof(wholeOption(first), wholeOption(second));
    return context.text(path.map((node) => `${toBase64(node)}\n`).join(''));
  });
  service.get('/metrics', metrics(archive, now));
  service.notFound((context) =>
    refusal(context, 404, new CliFailure('ERR_NOT_FOUND', 'there is nothing at this path')),
  );
  service.onError((thrown, context) => refusal(context, statusOf(thrown), thrown));
  return service;
}

/**
 * Takes a body of JSON lines and answers when all of it that can be kept is durable: a line for each. Meanwhile it reads no faster than the archive
 * writes. A status other than 200 says that not all lines were looked at: the last line of the answer tells why, and what has no line is to be given again.
 */
async function ingest(context: Answered, archive: Archive, stopping: AbortSignal): Promise<Response> {
  const { incoming } = context.env;
  if (Number(context.req.header('Content-Length') ?? 0) > MAX_BODY) throw tooLarge(MAX_BODY);
  const answers: string[] = [];
  const answer = (value: Answer | object) => answers.push(`${JSON.stringify(value)}\n`);
  let status: ContentfulStatusCode = 200;
  try {
    for await (const each of feed(archive, bounded(incoming), stopping)) answer(each);
    if (stopping.aborted && !incoming.readableEnded) throw new CliFailure('ERR_STORE', 'the archive is about to close');
  } catch (thrown) {
    status = statusOf(thrown);
    answer(failureOf(thrown));
  }
  // The rest of a body that was not read would be taken for the next request.
  const close = status === 200 ? {} : { Connection: 'close' };
  return context.body(answers.join(''), status, { 'Content-Type': 'application/x-ndjson; charset=utf-8', ...close });
}

async function* bounded(incoming: IncomingMessage): AsyncGenerator<Uint8Array, void, undefined> {
  let length = 0;
  // Leaving the loop must not break the connection that the answer goes by.
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    length += (chunk as Uint8Array).length;
    if (length > MAX_BODY) throw tooLarge(MAX_BODY);
    yield chunk as Uint8Array;
  }
}

function metrics(archive: Archive, now: () => number): (context: Answered) => Promise<Response> {
  let figures: { readonly text: Promise<string>; readonly since: number } | undefined;
  const count = async () => {
    const { openMetrics, stats } = await import('@stanzaseal/archive');
    return openMetrics(await stats(archive));
  };
  return async (context) => {
    if (figures === undefined || now() - figures.since > FIGURES_LAST || now() < figures.since)
      figures = { text: count(), since: now() };
    const { text } = figures;
    const type = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
    try {
      return context.body(await text, 200, { 'Content-Type': type });
    } catch (thrown) {
      figures = undefined;
      throw thrown;
    }
  };
}

function refusal(context: Answered, status: ContentfulStatusCode, thrown: unknown): Response {
  return context.json(failureOf(thrown), status, status === 413 ? { Connection: 'close' } : {});
}

function failureOf(thrown: unknown): { readonly status: 'failed'; readonly code: string; readonly reason: string } {
  const { code, sentence } = tell(thrown instanceof RangeError ? new CliFailure('ERR_USAGE', thrown.message) : thrown);
  return { status: 'failed', code, reason: sentence };
}

function statusOf(thrown: unknown): ContentfulStatusCode {
  return STATUSES[failureOf(thrown).code] ?? 500;
}

const STATUSES: Readonly<Record<string, ContentfulStatusCode>> = {
  ERR_NOT_FOUND: 404,
  ERR_ADDRESS: 400,
  ERR_USAGE: 400,
  ERR_XML: 400,
  ERR_TOO_LARGE: 413,
  ERR_STORE: 503,
};
