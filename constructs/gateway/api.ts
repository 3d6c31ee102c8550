import { apiId } from "../../environments/model/hub/api.ts";
import type { Api } from "../../environments/model/hub/grants.ts";

/** Path under which an API is called at the gateway. */
export const apiPath = (api: Api): string => `/${api.name}/${api.version}`;

/** A caller's token must name this audience to call the API. */
export const apiAudience = (api: Api): string => apiId(api);
