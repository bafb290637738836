/** All that the stand-in serves, by GitHub's names of the operations. */
import { accountRoutes } from "./accounts.ts";
import { artifactRoutes } from "./artifacts.ts";
import type { Routes } from "./call.ts";
import { checkRoutes } from "./checks.ts";
import { commentRoutes } from "./comments.ts";
import { commitRoutes } from "./commits.ts";
import { contentRoutes } from "./contents.ts";
import { gitDataRoutes } from "./git-data.ts";
import { issueRoutes } from "./issues.ts";
import { pullRoutes } from "./pulls.ts";
import { statusRoutes } from "./statuses.ts";

export const ROUTES: Routes = {
  ...accountRoutes,
  ...artifactRoutes,
  ...checkRoutes,
  ...commentRoutes,
  ...commitRoutes,
  ...contentRoutes,
  ...gitDataRoutes,
  ...issueRoutes,
  ...pullRoutes,
  ...statusRoutes,
};
