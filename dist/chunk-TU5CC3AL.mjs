import { createRequire as squallCreateRequire } from "node:module"; const require = squallCreateRequire(import.meta.url), squallFolder = import.meta.dirname;
import{cleanEngine}from"./chunk-CL5XUN55.mjs";import"./chunk-G34SMFEI.mjs";import"./chunk-FIW2MGUL.mjs";import"./chunk-AHBHUCOM.mjs";import"./chunk-TR6IO5LL.mjs";import"./chunk-TXCW4XOG.mjs";export{cleanEngine};
