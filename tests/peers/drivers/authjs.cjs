'use strict';

// @auth/core: a site of its own, called without a server, and the browser of the person who signs in there.
//
// The job: `provider` and its `options`, `conform: true` for the token_type that VK leaves out, and how many `tabs` begin
// to sign in before the person goes on in the first of them.

const { pathToFileURL } = require('node:url');

const { hear, run, say } = require('./talk.cjs');

const ORIGIN = 'https://app.example';

// The package has ES modules only, which `import` does not look for in NODE_PATH.
const load = (name) => import(pathToFileURL(require.resolve(name)));

class Site {
  constructor(Auth, config) {
    this.Auth = Auth;
    this.config = config;
    this.cookies = new Map();
  }

  async visit(address, form) {
    const body = form && new URLSearchParams(form);
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const request = new Request(new URL(address, ORIGIN), { method: form ? 'POST' : 'GET', headers: { cookie }, body });
    const response = await this.Auth(request, this.config);
    for (const line of response.headers.getSetCookie()) {
      const [, name, value, attributes] = line.match(/^([^=]+)=([^;]*)(.*)$/);
      if (/max-age=0(?!\d)/i.test(attributes) || value === '') {
        this.cookies.delete(name);
      } else {
        this.cookies.set(name, value);
      }
    }
    return response;
  }

  async read(address) {
    return (await this.visit(address)).json();
  }
}

/** What is behind an error, from the outside to the inside: names, words, and what the service said. */
const reasons = (error) => {
  const inner = error.cause?.err ?? error.cause;
  const reason = { name: error.type ?? error.name, message: error.message };
  return inner instanceof Error ? [reason, ...reasons(inner)] : [{ ...reason, said: inner }];
};

const withTokenType = async (response) => {
  const answer = await response.json();
  return Response.json({ token_type: 'bearer', ...answer }, response);
};

run(async ({ provider, options, conform, tabs = 1 }) => {
  const { Auth } = await load('@auth/core');
  const { default: makeProvider } = await load(`@auth/core/providers/${provider}`);
  const signedIn = [];
  const logged = [];
  const site = new Site(Auth, {
    basePath: '/auth',
    secret: 'sample-secret-of-the-site-0123456789',
    trustHost: true,
    providers: [makeProvider({ ...options, ...(conform && { token: { ...options.token, conform: withTokenType } }) })],
    events: { signIn: ({ account, profile }) => signedIn.push({ account, profile }) },
    logger: { error: (error) => logged.push(reasons(error)), warn() {}, debug() {} },
  });

  const { csrfToken } = await site.read('/auth/csrf');
  const addresses = [];
  for (let tab = 0; tab < tabs; tab += 1) {
    const response = await site.visit(`/auth/signin/${provider}`, { csrfToken, callbackUrl: '/welcome' });
    addresses.push(response.headers.get('location'));
  }
  const ends = [];
  for (const url of addresses) {
    say({ ask: 'browser', url });
    const callback = await hear();
    const response = await site.visit(callback);
    ends.push(response.headers.get('location'));
  }
  return { ends, session: await site.read('/auth/session'), signedIn, logged };
});
