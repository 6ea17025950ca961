'use strict';

// How a driver talks to the test that started it: one line of JSON each way, as talk.py does.

const readline = require('node:readline');

const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

const hear = async () => {
  const { value, done } = await lines.next();
  if (done) {
    throw new Error('the test went away');
  }
  return JSON.parse(value);
};

/** Do the job of the first line with `work` and report what came of it. */
const run = async (work) => {
  const job = await hear();
  try {
    say({ result: await work(job) });
  } catch (error) {
    say({ error: error.code || error.name, message: error.message });
  }
  process.exit(0);
};

module.exports = { say, hear, run };
