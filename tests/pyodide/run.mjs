// Run tests/pyodide/core.py in Pyodide: node run.mjs NODE_MODULES SITE_PACKAGES [pytest arguments]
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [modules, sitePackages, ...words] = process.argv.slice(2);
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const { loadPyodide } = await import(pathToFileURL(path.resolve(modules, "pyodide/pyodide.mjs")));

const pyodide = await loadPyodide({
  env: { ...process.env, HOME: "/home/pyodide", PYTHONDONTWRITEBYTECODE: "1" },
});
pyodide.mountNodeFS("/site-packages", path.resolve(sitePackages));
pyodide.mountNodeFS("/project", root);
let code;
try {
  code = pyodide.runPython(`
import os, sys
sys.path[:0] = ["/project", "/site-packages"]
os.chdir("/project")
from tests.pyodide.core import main
int(main(${JSON.stringify(words)}))
`);
} catch (error) {
  // A stack that runs over ends the interpreter; nothing after it counts.
  console.error(error.message ?? error);
  code = 1;
}
process.exit(code);
