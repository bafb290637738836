import { createRequire as squallCreateRequire } from "node:module"; const require = squallCreateRequire(import.meta.url), squallFolder = import.meta.dirname;
import{readSuite}from"./chunk-FPQ6P3V3.mjs";var readHeadSuite=async({suiteFile,subject})=>{let read=await readSuite(suiteFile);return subject.suite=read.suite.name,read};export{readHeadSuite};
