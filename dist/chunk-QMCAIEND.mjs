import { createRequire as squallCreateRequire } from "node:module"; const require = squallCreateRequire(import.meta.url), squallFolder = import.meta.dirname;
import{context,getOctokit}from"./chunk-IFXDS5FM.mjs";import"./chunk-77R73KRE.mjs";import"./chunk-BACYEOAD.mjs";import"./chunk-ZMOLPV2Q.mjs";import"./chunk-TXCW4XOG.mjs";export{context,getOctokit};
