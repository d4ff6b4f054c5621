/**
 * People who have said who they are at the identity provider, and are on their way back to us: what is left of each sign-in is our callback. Begun before the fault, for
 * where the identity provider is gone nobody gets that far.
 * @returns for each, what ends the sign-in; true when they are in
 */
export async function beginSignIns(url: string, count: number): Promise<(() => Promise<boolean>)[]> {
  const begun: (() => Promise<boolean>)[] = [];
  for (let n = 0; n < count; n += 1) begun.push(await beginSignIn(url));
  return begun;
}

async function beginSignIn(url: string): Promise<() => Promise<boolean>> {
  const begun = await fetch(`${url}/auth/login`, { redirect: 'manual' });
  await begun.body?.cancel();
  const cookie = begun.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ');
  const authorize = begun.headers.get('location');
  if (!authorize) throw new Error(`/auth/login answered ${begun.status}`);
  const page = await fetch(authorize, { headers: { accept: 'application/json' } });
  const { accounts, pick } = (await page.json()) as {
    accounts: { id: string; email: string }[];
    pick: string;
  };
  const who = accounts.find(({ email }) => email === 'owner@acme.example');
  if (!who) throw new Error('the stand-in for WorkOS knows no owner@acme.example');
  const picked = await fetch(pick, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/json', origin: new URL(pick).origin },
    body: JSON.stringify({ user_id: who.id }),
  });
  await picked.body?.cancel();
  const callback = picked.headers.get('location');
  if (!callback) throw new Error(`the stand-in for WorkOS answered ${picked.status}`);
  // Our own address may be written as localhost there.
  const { pathname, search } = new URL(callback);
  return async () => {
    const answer = await fetch(`${url}${pathname}${search}`, {
      redirect: 'manual',
      headers: { cookie },
      signal: AbortSignal.timeout(30_000),
    });
    await answer.body?.cancel();
    return answer.status === 303;
  };
}
