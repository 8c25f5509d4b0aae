/** What all of them resolve to. When one fails, rejects with its reason after the others have ended as well, so that none starts behind the back of whoever cleans up. */
export async function together<T>(starting: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(starting);
  return await Promise.all(starting);
}
