import assert from "node:assert/strict";
import { test } from "node:test";

import { HOME, homeOf } from "../../../web_client/net/home.js";

test("the path of a session is read from where its modules came from", () => {
  assert.equal(homeOf("http://10.0.0.5:8000/static/1a2b/net/home.js"), "");
  assert.equal(homeOf("https://study.example.org/lab1/static/1a2b/net/home.js"), "/lab1");
  assert.equal(homeOf("https://study.example.org/a/b/static/1a2b/net/home.js"), "/a/b");
  assert.equal(HOME, "", "modules from the disk");
});
