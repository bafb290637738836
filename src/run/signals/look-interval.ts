/** Windows are as short as 1.5 s, and a counter's growth must lie in one: twice a second, as health paths are looked at. */
export const LOOK_INTERVAL_MS = 500;
