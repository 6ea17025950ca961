'use strict';

// Loaded with --require before the client under test: for this process alone VK, Kakao and TikTok are the simulator.
//
// The client has their host names built in, always https and the usual port. Whatever it uses to talk (http, https, tls,
// fetch) ends in net.Socket#connect, so that is the one place where the address is changed; the name for the TLS
// handshake was chosen before and stays theirs. Any other host is refused. The certificate is believed by means of
// NODE_EXTRA_CA_CERTS, which Node.js reads for one process too.

const net = require('node:net');

const simulator = Number(process.env.VK_PEER_PORT);
const families = ['vk.ru', 'vk.com', 'kakao.com', 'tiktok.com', 'tiktokapis.com'];
const loopback = ['127.0.0.1', '::1', 'localhost'];

const isSimulated = (host) => {
  const name = String(host).toLowerCase().replace(/\.$/, '');
  return families.some((family) => name === family || name.endsWith(`.${family}`));
};

const redirected = (options) => {
  if (!options.port) {
    throw new Error('a connection that is not TCP was tried; only the simulator exists here');
  }
  const host = options.host || 'localhost';
  if (isSimulated(host)) {
    // A lookup function of the client's own would only lead astray.
    return { ...options, host: '127.0.0.1', port: simulator, lookup: undefined };
  }
  if (loopback.includes(host)) {
    return options;
  }
  throw new Error(`${host} is neither simulated nor this machine; nothing else exists here`);
};

const { connect } = net.Socket.prototype;

net.Socket.prototype.connect = function connectToSimulator(...args) {
  // Inside Node.js the arguments come as one ready list [options, callback]; from outside in any of three forms.
  if (Array.isArray(args[0])) {
    const ready = args[0];
    const changed = [redirected(ready[0]), ...ready.slice(1)];
    for (const mark of Object.getOwnPropertySymbols(ready)) {
      changed[mark] = ready[mark];
    }
    return connect.call(this, changed);
  }
  const [first, second] = args;
  if (typeof first === 'object') {
    return connect.call(this, redirected(first), ...args.slice(1));
  }
  const named = { port: first, host: typeof second === 'string' ? second : undefined };
  return connect.call(this, redirected(named), ...args.filter((each) => typeof each === 'function'));
};
