'use strict';

// Signs in by @auth/core, without a server: POST signin, then the callback with its calls for the token and the person.
//
// Usage: NODE_PATH=... node authjs.cjs BASE, where BASE has Kakao's token and user endpoints. Each line of standard input is
// a number; after so many sign-ins a line of JSON says how many seconds of the process's CPU one of them took.

const readline = require('node:readline');
const { pathToFileURL } = require('node:url');

const [base] = process.argv.slice(2);
const SITE = 'https://app.example/auth';

// The package has ES modules only, which `import` does not look for in NODE_PATH.
const load = (name) => import(pathToFileURL(require.resolve(name)));

const cookieLine = (response) => (
  response.headers.getSetCookie().map((line) => line.split(';', 1)[0]).join('; ')
);

const main = async () => {
  const { Auth } = await load('@auth/core');
  const { default: Kakao } = await load('@auth/core/providers/kakao');
  const config = {
    basePath: '/auth',
    secret: 'sample-secret-of-the-site-0123456789',
    trustHost: true,
    providers: [
      Kakao({
        clientId: 'sample-client',
        clientSecret: 'sample-client-secret',
        authorization: `${base}/kakao/oauth/authorize?scope`,
        token: `${base}/kakao/oauth/token`,
        userinfo: `${base}/kapi/v2/user/me`,
      }),
    ],
  };
  const first = await Auth(new Request(`${SITE}/csrf`), config);
  const known = cookieLine(first);
  const { csrfToken } = await first.json();

  const ask = () => (
    new Request(`${SITE}/signin/kakao`, {
      method: 'POST',
      headers: { cookie: known },
      body: new URLSearchParams({ csrfToken, callbackUrl: '/welcome' }),
    })
  );
  const comeBack = (asked) => (
    new Request(`${SITE}/callback/kakao?code=SAMPLE`, { headers: { cookie: `${known}; ${cookieLine(asked)}` } })
  );

  let spent = 0;
  const answers = async (requests) => {
    const found = [];
    const before = process.cpuUsage();
    for (const request of requests) {
      found.push(await Auth(request, config));
    }
    const { user, system } = process.cpuUsage(before);
    spent += (user + system) / 1e6;
    return found;
  };

  for await (const line of readline.createInterface({ input: process.stdin })) {
    const number = Number(line);
    spent = 0;
    // Requests are made while nothing is counted: a server would have them ready.
    const asked = await answers(Array.from({ length: number }, ask));
    for (const answer of await answers(asked.map(comeBack))) {
      if (!cookieLine(answer).includes('authjs.session-token=')) {
        throw new Error(`nobody is signed in: ${answer.headers.get('location')}`);
      }
    }
    process.stdout.write(`${JSON.stringify({ signIns: number, cpu: spent / number })}\n`);
  }
};

main();
