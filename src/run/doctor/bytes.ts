/** "1.5 GiB", "20 MiB": for lines that people read. */
export const bytesText = (bytes: number): string => {
  const [unit, size] =
    bytes >= 2 ** 30
      ? (["GiB", 2 ** 30] as const)
      : bytes >= 2 ** 20
        ? (["MiB", 2 ** 20] as const)
        : (["KiB", 1024] as const);
  const value = bytes / size;
  return `${value >= 10 ? Math.round(value) : Math.round(value * 10) / 10} ${unit}`;
};
