/**
 * What the database of a key store holds, as a script of the same origin sees it. Runs in the page.
 */

/** How many private keys a database has, how many of them give their octets, and secrets that records hold. */
export async function lookIntoDatabase(name: string): Promise<{ keys: number; given: number; secrets: string[] }> {
  const database = await done(indexedDB.open(name));
  const found = { keys: 0, given: 0, secrets: [] as string[] };
  for (const { key } of (await done(database.transaction('keys').objectStore('keys').getAll())) as {
    key: CryptoKey;
  }[]) {
    found.keys++;
    if (key.type !== 'private') throw new Error('a key is not private');
    for (const format of ['pkcs8', 'jwk'] as const)
      found.given += await crypto.subtle.exportKey(format, key).then(
        () => 1,
        () => 0,
      );
  }
  for (const record of await done(database.transaction('records').objectStore('records').getAll()))
    for (const [field, value] of Object.entries(record as object))
      if (/secret$/i.test(field) && value instanceof Uint8Array && value.length > 0) found.secrets.push(field);
  database.close();
  return found;
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
