import { createRequire as squallCreateRequire } from "node:module"; const require = squallCreateRequire(import.meta.url), squallFolder = import.meta.dirname;
import{context,getOctokit}from"./chunk-KY4QJP5E.mjs";import"./chunk-25UFAO74.mjs";import"./chunk-ZMOLPV2Q.mjs";import"./chunk-TXCW4XOG.mjs";export{context,getOctokit};
