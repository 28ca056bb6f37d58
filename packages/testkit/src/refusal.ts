/**
 * What a call threw.
 * @module
 */

/** The error a call threw or rejected with, or `undefined` where it did not. */
export async function refusal(call: () => unknown): Promise<(Error & { code?: string }) | undefined> {
  try {
    await call();
  } catch (error) {
    return error as Error;
  }
  return undefined;
}
