// Stands in for VS Code's native logger, which would need a C++ compiler: the same lines in the same files, written at once.
const { appendFileSync, mkdirSync } = require("node:fs");
const { dirname } = require("node:path");

const LEVELS = ["trace", "debug", "info", "warning", "error", "critical"];

class Logger {
  constructor(path) {
    this.path = path;
    this.level = 0;
    this.plain = false;
  }

  setLevel(level) {
    this.level = level;
  }

  clearFormatters() {
    this.plain = true;
  }

  setPattern() {
    this.plain = false;
  }

  flush() {}

  drop() {}

  write(level, message) {
    if (level < this.level) return;
    const time = new Date().toISOString().replace("T", " ").replace("Z", "");
    try {
      appendFileSync(this.path, this.plain ? message : `${time} [${LEVELS[level]}] ${message}\n`);
    } catch {
      // The folder goes with the editor at the end of a test.
    }
  }
}
for (const [level, name] of ["trace", "debug", "info", "warn", "error", "critical"].entries()) {
  Logger.prototype[name] = function (message) {
    this.write(level, message);
  };
}

async function createLogger(_name, path) {
  mkdirSync(dirname(path), { recursive: true });
  return new Logger(path);
}

exports.setLevel = () => undefined;
exports.setFlushOn = () => undefined;
exports.Logger = Logger;
exports.createRotatingLogger = createLogger;
exports.createAsyncRotatingLogger = createLogger;
