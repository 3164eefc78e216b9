import type { JsonObject } from '../core/index.js';

/** A tool as far as a plan looks at it; what `tools/list` gives fits. */
export interface CatalogueTool {
  name: string;
  title?: string;
  description?: string;
  inputSchema: JsonObject;
  outputSchema?: JsonObject;
  annotations?: {
    readOnlyHint?: boolean;
    destructiveHint?: boolean;
    idempotentHint?: boolean;
    openWorldHint?: boolean;
  };
}
