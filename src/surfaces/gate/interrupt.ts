/** SIGINT and SIGTERM abort the run, which then ends what it started; a second one ends us at once. */
export const interruptible = (): { readonly signal: AbortSignal } & Disposable => {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    process.stderr.write(
      "\nstopping: ending the service, its dependencies and the sidecar (again to stop at once)\n",
    );
    controller.abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
    },
  };
};
