import js from "@eslint/js";
import globals from "globals";

const banned = (object, property, instead) => ({ object, property, message: instead });

export default [
  { ignores: ["web_client/vendor/**", "web_client/bundled/**", "node_modules/**", "build/out/**", "dist/**", "data/**"] },
  js.configs.recommended,
  {
    files: ["web_client/**/*.js", "tests/web/**/*.{js,mjs}"],
    linterOptions: { reportUnusedDisableDirectives: "error" },
    languageOptions: { ecmaVersion: 2023, sourceType: "module", globals: { ...globals.browser, ...globals.worker } },
    rules: {
      "max-lines": ["error", { max: 400 }],
      "max-lines-per-function": ["error", { max: 50, skipBlankLines: true, skipComments: true }],
      complexity: ["error", 10],
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_", caughtErrors: "none" }],
      "no-var": "error",
      "prefer-const": "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-console": ["error", { allow: ["warn", "error"] }],
    },
  },
  {
    files: ["web_client/core/**/*.js"],
    languageOptions: { globals: Object.fromEntries(Object.keys(globals.browser).map((name) => [name, "off"])) },
    rules: {
      "no-restricted-properties": [
        "error",
        banned("Date", "now", "The core is told the time: take `now` as an argument."),
        banned("Math", "random", "The core draws nothing: take a seeded generator as an argument."),
      ],
      "no-restricted-globals": [
        "error",
        ...["performance", "crypto", "setTimeout", "setInterval", "requestAnimationFrame", "fetch", "console", "self"].map(
          (name) => ({ name, message: "The core is pure: clocks, timers, sockets and logs live at the edge." }),
        ),
      ],
      "no-restricted-imports": ["error", { patterns: [{ regex: "^\\.\\./(?!protocol/)", message: "The core imports nothing outside itself." }] }],
    },
  },
  {
    files: ["web_client/core/*/**/*.js"],
    rules: {
      "no-restricted-imports": ["error", { patterns: [{ regex: "^\\.\\./\\.\\./(?!protocol/)", message: "The core imports nothing outside itself." }] }],
    },
  },
  {
    files: ["tests/web/**/*.{js,mjs}"],
    languageOptions: { globals: globals.node },
    // A suite is one function; its tests are what stays short.
    rules: { "max-lines-per-function": "off", "no-console": "off" },
  },
];
