// Loaded before the app (`node --import`): whoever asks for cdktf gets cdktn, as the npm alias would give.
import Module, { register } from "node:module";

const resolveFilename = Module._resolveFilename;
Module._resolveFilename = (request, ...rest) =>
  resolveFilename(request === "cdktf" ? "cdktn" : request.replace(/^cdktf\//, "cdktn/"), ...rest);

register(
  `data:text/javascript,${encodeURIComponent(
    'export const resolve = (specifier, context, next) => next(specifier === "cdktf" ? "cdktn" : specifier, context);',
  )}`,
);
