import { describeByteFaults } from "../../conformance/byte-faults.ts";
import { describeToxiproxy } from "../../support/toxiproxy/server.ts";
import { sidecarStand, toxiproxyStand } from "../../support/toxiproxy/stands.ts";

describeByteFaults({ name: "sidecar", stand: sidecarStand });

describeToxiproxy("the real Toxiproxy does what the sidecar does", () => {
  describeByteFaults({ name: "toxiproxy", stand: toxiproxyStand });
});
