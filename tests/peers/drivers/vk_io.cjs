'use strict';

// @vk-io/authorization: each of its ways in.

const { CallbackService } = require('vk-io');
const {
  AccountVerification,
  DirectAuthorization,
  ImplicitFlowGroups,
  ImplicitFlowUser,
  officialAppCredentials,
} = require('@vk-io/authorization');

const { hear, run, say } = require('./talk.cjs');

const look = async (src) => {
  const response = await fetch(src);
  const { byteLength: size } = await response.arrayBuffer();
  return { status: response.status, size };
};

const answer = async (question, retry) => {
  try {
    say(question);
    const reply = await hear();
    // The promise is rejected when VK refuses the answer (another question follows then) and never settled when VK
    // takes it, so it is not waited for.
    retry(reply === null ? new Error('the person gave up') : reply).catch(() => {});
  } catch (error) {
    retry(error).catch(() => {});
  }
};

const callbackService = new CallbackService();

callbackService.onCaptcha(async ({ type, sid, src }, retry) => {
  const picture = await look(src);
  await answer({ ask: 'captcha', type, sid, src, picture }, retry);
});

callbackService.onTwoFactor(({ type, phoneMask }, retry) => (
  answer({ ask: 'code', type, phone_mask: phoneMask }, retry)
));

const ways = {
  direct: (options) => new DirectAuthorization({ ...options, ...officialAppCredentials.android }).run(),
  user: (options) => new ImplicitFlowUser(options).run(),
  groups: (options) => new ImplicitFlowGroups(options).run(),
  verification: ({ redirectUri, ...options }) => new AccountVerification(options).run(redirectUri),
};

run(({ way, ...options }) => ways[way]({ ...options, callbackService }));
