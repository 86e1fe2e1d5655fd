// What the bundler adds to the language: addresses of files, globs, the base path.
/// <reference types="astro/client" />
