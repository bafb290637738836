import { createRequire as squallCreateRequire } from "node:module"; const require = squallCreateRequire(import.meta.url), squallFolder = import.meta.dirname;
var interruptible=()=>{let controller=new AbortController,stop=()=>{controller.signal.aborted&&process.exit(130),process.stderr.write(`
stopping: ending the service, its dependencies and the sidecar (again to stop at once)
`),controller.abort()};return process.on("SIGINT",stop),process.on("SIGTERM",stop),{signal:controller.signal,[Symbol.dispose]:()=>{process.off("SIGINT",stop),process.off("SIGTERM",stop)}}};export{interruptible};
