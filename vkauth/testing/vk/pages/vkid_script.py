"""The script of the simulated VK ID page."""

from typing import Final

__all__ = ["SCRIPT"]

SCRIPT: Final = """// Makes the simulated VK ID page work for a person in a browser.
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
  return answer.json();
}

async function method(name, values) {
  const answer = await post(places.api + name, { v: "5.207", client_id: auth.host_app_id, ...values });
  if (answer.error) { throw new Error(answer.error.error_msg); }
  return answer.response;
}

async function act(name, values) {
  const answer = await post(places.login + "?act=" + name, { version: "1", uuid: data.uuid, ...values });
  if (answer.type === "captcha") { throw new Error("A captcha is wanted: see the start page of the simulator."); }
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

const common = { device_id: "SIMULATED-BROWSER", anonymous_token: auth.anonymous_token };
let begun = null;

async function begin(login) {
  const account = await method("auth.validateAccount", {
    ...common, login, auth_token: auth.access_token, supported_ways: "push,email,codegen,sms,password",
  });
  if (!account.sid) { throw new Error("There is no such account."); }
  const sid = account.sid;
  const way = account.next_step.verification_method;
  const send = { sms: "Sms", email: "Email", push: "Push", callreset: "CallReset" }[way];
  if (send) { await method("ecosystem.sendOtp" + send, { ...common, sid }); }
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
  await goOn(await act("connect_authorize", {
    username: fields.login, password: fields.password, auth_token: auth.access_token, sid: begun.sid,
    app_id: auth.host_app_id, device_id: common.device_id, save_user: "1",
  }));
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
  document.getElementById("allow").onclick = whenDone(async () => {
    await goOn(await act("connect_internal", { return_auth_hash: returnHash, app_id: places.app }));
  });
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
