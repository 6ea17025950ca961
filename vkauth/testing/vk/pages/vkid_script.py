"""The script of the simulated VK ID page."""

from typing import Final

__all__ = ["SCRIPT"]

SCRIPT: Final = r"""// Makes the simulated VK ID page work for a person in a browser.
"use strict";
const { auth, data } = window.init;
const places = window.places;
const returnHash = data.hash ? data.hash.return_auth : "";

function say(text) {
  const result = document.getElementById("result");
  result.textContent = text;
  result.className = text ? "box_error" : "";
}

async function post(url, values) {
  const answer = await fetch(url, { method: "POST", body: new URLSearchParams(values), credentials: "include" });
  // A number with more digits than a script's numbers have: it goes back as it came.
  return JSON.parse((await answer.text()).replace(/"remixstlid": ?([0-9]+)/, '"remixstlid": "$1"'));
}

function captchaIn(answer) {
  if (answer.type === "captcha") { return answer; }
  return answer.error && answer.error.error_code === 14 ? answer.error : null;
}

// Sends values, and again with what a person made of each captcha that comes back.
async function send(url, values) {
  let answer = await post(url, values);
  for (let wanted = captchaIn(answer), again = false; wanted; wanted = captchaIn(answer), again = true) {
    if (again) { say(wanted.redirect_uri ? "The check was not passed." : "The text of the picture is wrong."); }
    answer = await post(url, { ...values, ...await passed(wanted) });
    say("");
  }
  return answer;
}

function passed(wanted) {
  const check = document.getElementById("check");
  const form = document.getElementById("login-form");
  const shown = document.getElementById("shown");
  const framed = Boolean(wanted.redirect_uri);
  const picture = document.createElement(framed ? "iframe" : "img");
  picture.src = wanted.redirect_uri || wanted.captcha_img;
  if (framed) { picture.title = "Are you a robot?"; } else { picture.alt = "captcha"; }
  shown.replaceChildren(picture);
  check.captcha_key.value = "";
  check.captcha_key.parentElement.hidden = document.getElementById("send").hidden = framed;
  const known = {};
  for (const name of ["captcha_sid", "remixstlid"]) { if (name in wanted) { known[name] = wanted[name]; } }
  let listen = null;
  const answered = new Promise((resolve, reject) => {
    listen = (event) => {
      if (!framed || event.source !== picture.contentWindow) { return; }
      const told = JSON.parse(event.data);
      if (told.type === "VKCaptchaGetResult") { resolve({ ...known, success_token: told.payload.token }); }
      if (told.type === "VKCaptchaCloseCaptcha") { reject(new Error("The check was given up.")); }
    };
    check.onsubmit = (event) => {
      event.preventDefault();
      resolve({ ...known, captcha_key: check.captcha_key.value });
    };
    document.getElementById("back").onclick = () => reject(new Error(""));
  });
  window.addEventListener("message", listen);
  form.hidden = true;
  check.hidden = false;
  if (!framed) { check.captcha_key.focus(); }
  return answered.finally(() => {
    window.removeEventListener("message", listen);
    form.hidden = false;
    check.hidden = true;
    shown.replaceChildren();
  });
}

async function method(name, values) {
  const answer = await send(places.api + name, { v: "5.207", client_id: auth.host_app_id, ...values });
  if (answer.error) { throw new Error(answer.error.error_msg); }
  return answer.response;
}

async function act(name, values) {
  const answer = await send(places.login + "?act=" + name, { version: "1", uuid: data.uuid, ...values });
  if (answer.type !== "okay") { throw new Error(answer.error_info); }
  return answer.data;
}

async function goOn(connected) {
  if (!returnHash) { location.href = places.done; return; }
  const token = await method("auth.getOauthToken", {
    hash: returnHash, auth_user_hash: connected.auth_user_hash, access_token: connected.access_token,
    app_id: places.app, is_seamless_auth: "0",
  });
  if (places.state) { token.state = places.state; }
  location.href = places.end + new URLSearchParams(token);
}

function tellWhere(words) {
  const told = document.getElementById("sent");
  told.textContent = `${words} Nothing is sent in a simulation: its start page shows the code. `;
  if (!places.start) { return; }
  const link = document.createElement("a");
  Object.assign(link, { href: places.start, target: "_blank", rel: "noopener", textContent: "Open it" });
  told.append(link);
}

const common = { device_id: "SIMULATED-BROWSER", anonymous_token: auth.anonymous_token };
let begun = null;

async function begin(login) {
  const account = await method("auth.validateAccount", {
    ...common, login, auth_token: auth.access_token, supported_ways: "push,email,codegen,sms,password",
  });
  if (!account.sid) { throw new Error("There is no such account."); }
  const sid = account.sid;
  const way = account.next_step.verification_method;
  const sender = { sms: "Sms", email: "Email", push: "Push", callreset: "CallReset" }[way];
  if (sender) {
    const sent = await method("ecosystem.sendOtp" + sender, { ...common, sid });
    tellWhere(`A code was sent to ${sent.info}.`);
  } else if (way !== "password") {
    tellWhere("An application or a list would show the code.");
  }
  return { login, sid, way };
}

async function logIn(form) {
  const fields = Object.fromEntries(new FormData(form));
  if (!begun || begun.login !== fields.login) {
    begun = null;
    form.code.value = fields.code = "";
    begun = await begin(fields.login);
  }
  document.getElementById("code").hidden = begun.way === "password";
  if (begun.way !== "password") {
    if (!fields.code) { form.code.focus(); return; }
    const checked = await method("ecosystem.checkOtp", {
      ...common, sid: begun.sid, code: fields.code, verification_method: begun.way,
    });
    begun = { ...begun, sid: checked.sid, way: "password" };
  }
  const connected = await act("connect_authorize", {
    username: fields.login, password: fields.password, auth_token: auth.access_token, sid: begun.sid,
    app_id: auth.host_app_id, device_id: common.device_id, save_user: "1",
  });
  if (connected.is_user_banned) { throw new Error("This page is blocked."); }
  if (!returnHash) { await goOn(connected); return; }
  const consent = new URL(location.href);
  consent.searchParams.delete("other_account");
  consent.searchParams.set("logged_in", "1");
  location.href = consent;
}

function whenDone(work) {
  return (event) => {
    event.preventDefault();
    say("");
    work(event).catch((error) => say(error.message));
  };
}

const form = document.getElementById("login-form");
if (form) {
  form.onsubmit = whenDone(() => logIn(form));
} else {
  const allow = document.getElementById("allow");
  allow.onclick = whenDone(async () => {
    await goOn(await act("connect_internal", { return_auth_hash: returnHash, app_id: places.app }));
  });
  if (places.agreed) { allow.click(); }
}
const deny = document.getElementById("deny");
if (deny) {
  deny.onclick = () => {
    const refusal = { error: "access_denied", error_reason: "user_denied" };
    refusal.error_description = "User denied your request";
    if (places.state) { refusal.state = places.state; }
    location.href = places.end + new URLSearchParams(refusal);
  };
}
"""
